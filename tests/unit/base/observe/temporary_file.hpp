// SPDX-License-Identifier: Apache-2.0
// A file name of one test's own, removed with its content afterwards.
#pragma once

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <unistd.h>
#include <vector>

namespace base::observe {

class TemporaryFile {
 public:
  TemporaryFile() {
    char name[] = "/tmp/gatehouse-test-XXXXXX";
    const int fd = ::mkstemp(name);
    if (fd >= 0) (void)::close(fd);
    path_ = name;
  }
  ~TemporaryFile() { (void)::unlink(path_.c_str()); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string text() const {
    const std::ifstream in(path_, std::ios::binary);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
  }
  [[nodiscard]] std::vector<std::string> lines() const {
    std::istringstream in(text());
    std::vector<std::string> out;
    for (std::string line; std::getline(in, line);) out.push_back(line);
    return out;
  }

 private:
  std::string path_;
};

}  // namespace base::observe
