// SPDX-License-Identifier: Apache-2.0
// Answers a request that mapping gave to a file or folder: methods, conditions, ranges,
// directories, error pages. Writes nothing: the connection sends what StaticAnswer describes.
// Source: wsgi-hosting section 7.
#pragma once

#include "appserver/handlers/file_cache.hpp"
#include "base/http/head.hpp"
#include "base/net/event_loop.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace appserver::handlers {

struct StaticRequest {
  const base::http::RequestHead* head = nullptr;  ///< method, conditions and Range are read from it
  FileName file;  ///< where mapping says it is; permitted already; ends in `/` when the URL does
  std::string_view url_path;  ///< decoded and normalised, for the redirect to a directory's slash
  std::string_view query;     ///< without `?`, as sent
  bool has_query = false;
  std::string_view scheme;     ///< "http" or "https", as the client sees it
  std::string_view authority;  ///< host[:port] for redirects: the request's, or the server's name
  std::span<const std::string> index_names;  ///< DirectoryIndex; empty: index.html
};

/// The head is `status`, then `shared_fields`, then `own_fields` (both "Name: value\r\n" lines;
/// never Date, Server, Content-Length or Connection). Views point into `*file`, so an answer may be
/// moved, and lives as long as it is sent.
struct StaticAnswer {
  enum class Body : std::uint8_t {
    none,
    text,    ///< `text`, whole: error page or multipart
    memory,  ///< `memory`: a slice of the file kept in memory
    file,    ///< `length` bytes of `file->fd` from `offset`
  };
  int status = 200;
  std::string_view shared_fields;
  std::string own_fields;
  bool has_content_length = true;    ///< false for 304
  std::uint64_t content_length = 0;  ///< also for HEAD, where the body is none
  Body body = Body::none;
  std::string text;
  std::string_view memory;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  std::shared_ptr<const OpenFile> file;  ///< shared with the cache; keeps views and descriptor
};

/// Several ranges are put together in memory up to this; beyond it the whole file is sent (RFC 9110
/// section 14.2).
inline constexpr std::uint64_t kMultipartLimitBytes = std::uint64_t{1024} * 1024;

class StaticFiles {
 public:
  explicit StaticFiles(const http::MimeTypes& types, FileCacheLimits limits = {})
      : cache_(types, limits) {}

  /// `now` and `wall_us` are the loop's.
  StaticAnswer answer(const StaticRequest& request, base::net::TimePoint now, std::int64_t wall_us);

  [[nodiscard]] const FileCache& cache() const noexcept { return cache_; }

 private:
  FileCache cache_;
  std::string index_path_;        // scratch
  std::uint64_t boundaries_ = 0;  // made so far
};

/// An answer made of a built-in page; `fields` are further field lines (`Allow` and so on). No body
/// for HEAD.
StaticAnswer page_answer(int status, base::http::Method method, std::string fields = {});

}  // namespace appserver::handlers
