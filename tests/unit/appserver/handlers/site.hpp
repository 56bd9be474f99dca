// SPDX-License-Identifier: Apache-2.0
// A folder with files, and requests to it, for the tests of the static handler.
#pragma once

#include "appserver/handlers/static_file.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace appserver::handlers {

inline constexpr std::int64_t kFileTime = 784111777;            // Sun, 06 Nov 1994 08:49:37 GMT
inline constexpr std::int64_t kWallUs = 1'700'000'000'000'000;  // long after it

struct Reply {
  int status = 0;
  std::string fields;
  std::string body;
  bool has_content_length = true;
  std::uint64_t content_length = 0;
  StaticAnswer answer;
};

class Site : public ::testing::Test {
 protected:
  Site() {
    std::string name = ::testing::TempDir() + "gh_static_XXXXXX";
    root_ = ::mkdtemp(name.data());
  }
  ~Site() override { std::filesystem::remove_all(root_); }

  [[nodiscard]] std::string path(const std::string& name) const { return root_ + "/" + name; }

  void write(const std::string& name, const std::string& content,
             std::int64_t seconds = kFileTime) const {
    std::filesystem::create_directories(std::filesystem::path(path(name)).parent_path());
    std::ofstream(path(name), std::ios::binary | std::ios::trunc) << content;
    set_time(name, seconds);
  }
  void set_time(const std::string& name, std::int64_t seconds, long nanoseconds = 0) const {
    const timespec times[2] = {{seconds, nanoseconds}, {seconds, nanoseconds}};
    ASSERT_EQ(::utimensat(AT_FDCWD, path(name).c_str(), times, 0), 0) << name;
  }

  /// Asks for `url`, which lies at the same place below the root; `fields` are whole lines.
  Reply ask(const std::string& method, const std::string& url, const std::string& fields = {}) {
    const std::string text = method + " " + "/ HTTP/1.1\r\nHost: example.org\r\n" + fields + "\r\n";
    base::http::RequestParser parser;
    base::http::RequestHead head;
    EXPECT_EQ(parser.parse(text, {}, head), base::http::ParseStatus::complete) << text;
    const std::size_t mark = url.find('?');
    const std::string url_path = url.substr(0, mark);
    const std::string file = root_ + url_path;
    StaticRequest request;
    request.head = &head;
    request.file = {file, root_.size(), symlinks_};
    request.url_path = url_path;
    request.has_query = mark != std::string::npos;
    if (request.has_query) request.query = std::string_view(url).substr(mark + 1);
    request.scheme = "https";
    request.authority = authority_;
    request.index_names = index_names_;
    Reply out;
    out.answer = files_.answer(request, now_, wall_us_);
    out.status = out.answer.status;
    out.fields = std::string(out.answer.shared_fields) + out.answer.own_fields;
    out.has_content_length = out.answer.has_content_length;
    out.content_length = out.answer.content_length;
    out.body = body_of(out.answer);
    return out;
  }

  static std::string body_of(const StaticAnswer& answer) {
    switch (answer.body) {
      case StaticAnswer::Body::none:
        break;
      case StaticAnswer::Body::text:
        return answer.text;
      case StaticAnswer::Body::memory:
        return std::string(answer.memory);
      case StaticAnswer::Body::file: {
        std::string out(answer.length, '\0');
        EXPECT_EQ(::pread(answer.file->fd.get(), out.data(), out.size(),
                          static_cast<off_t>(answer.offset)),
                  static_cast<ssize_t>(out.size()));
        return out;
      }
    }
    return {};
  }

  /// Value of a field in lines of fields; "-" when it is not there.
  static std::string field(const Reply& reply, const std::string& name) {
    const std::string lines = "\r\n" + reply.fields;
    const std::size_t at = lines.find("\r\n" + name + ": ");
    if (at == std::string::npos) return "-";
    const std::size_t begin = at + 4 + name.size();
    return lines.substr(begin, lines.find("\r\n", begin) - begin);
  }

  std::string root_;
  http::MimeTypes types_ = http::MimeTypes::parse("text/html html\ntext/css css\ntext/plain txt\n");
  FileCacheLimits limits_;
  StaticFiles files_{types_, limits_};
  std::vector<std::string> index_names_;
  std::string authority_ = "example.org:8443";
  Symlinks symlinks_ = Symlinks::follow;
  base::net::TimePoint now_{std::chrono::seconds(1000)};
  std::int64_t wall_us_ = kWallUs;
};

}  // namespace appserver::handlers
