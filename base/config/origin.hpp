// SPDX-License-Identifier: Apache-2.0
// Where in the configuration something was written.
#pragma once

#include <memory>
#include <string>

namespace base::config {

struct Origin {
  std::shared_ptr<const std::string> file;  ///< shared by all values of one file and the reader
  int line = 0;

  [[nodiscard]] std::string text() const {  ///< "FILE:LINE", or "default"
    return file ? *file + ":" + std::to_string(line) : "default";
  }
};

}  // namespace base::config
