// SPDX-License-Identifier: Apache-2.0
#include "appserver/handlers/static_file.hpp"

#include "appserver/handlers/error_page.hpp"
#include "appserver/http/conditional.hpp"
#include "appserver/http/range.hpp"
#include "base/http/tokens.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <unistd.h>
#include <utility>

namespace appserver::handlers {

namespace {

using base::http::Method;
using base::http::RequestHead;

constexpr std::string_view kAllow = "Allow: GET, HEAD, OPTIONS\r\n";
const std::string kDefaultIndex = "index.html";

/// Registered methods that no file answers; every other one is unknown: 501 rather than 405.
constexpr std::string_view kKnownMethods[] = {
    "COPY",       "LOCK",   "MKCOL",    "MOVE",        "PROPFIND",   "PROPPATCH",
    "UNLOCK",     "MERGE",  "CHECKOUT", "CHECKIN",     "REPORT",     "VERSION-CONTROL",
    "UNCHECKOUT", "UPDATE", "LABEL",    "MKWORKSPACE", "MKACTIVITY", "BASELINE-CONTROL"};

bool reads_file(Method method) noexcept {
  return method == Method::get || method == Method::head || method == Method::post;
}

int refusal_of_method(const RequestHead& head) noexcept {
  if (head.method != Method::other) return 405;
  return std::find(std::begin(kKnownMethods), std::end(kKnownMethods), head.method_text) !=
                 std::end(kKnownMethods)
             ? 405
             : 501;
}

void append_number(std::string& out, std::uint64_t value) {
  char digits[20];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

/// "bytes 0-99/100"
void append_content_range(std::string& out, const http::Slice& slice, std::uint64_t size) {
  out += "bytes ";
  append_number(out, slice.offset);
  out += '-';
  append_number(out, slice.offset + slice.length - 1);
  out += '/';
  append_number(out, size);
}

/// Lower-case hex for what is neither a letter, a digit nor harmless in a path (wsgi-hosting 7.6).
void append_path_escaped(std::string& out, std::string_view path) {
  constexpr std::string_view kHarmless = "$-_.+!*'(),:@&=/~";
  constexpr char kHex[] = "0123456789abcdef";
  for (const char c : path) {
    if (base::http::is_alpha(c) || base::http::is_digit(c) ||
        kHarmless.find(c) != std::string_view::npos) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    }
  }
}

/// 301 to `url_path` with a slash behind it.
StaticAnswer slash_redirect(const StaticRequest& request, std::string_view url_path,
                            std::string_view last_name) {
  std::string location;
  if (!request.authority.empty()) {
    location += request.scheme;
    location += "://";
    location += request.authority;
  } else {
    // Without a host before it, `//name` would be one.
    url_path.remove_prefix(std::min(url_path.find_first_not_of('/'), url_path.size()));
    location += '/';
  }
  append_path_escaped(location, url_path);
  append_path_escaped(location, last_name);
  location += '/';
  if (request.has_query) {
    location += '?';
    location += request.query;
  }
  StaticAnswer out = page_answer(301, request.head->method, "Location: " + location + "\r\n");
  out.text = redirect_page(301, location);
  out.content_length = out.text.size();
  if (request.head->method == Method::head) out.text.clear();
  return out;
}

StaticAnswer options_answer(const std::shared_ptr<const OpenFile>& file) {
  StaticAnswer out;
  out.own_fields = kAllow;
  if (file) out.shared_fields = std::string_view(file->fields).substr(file->untyped_bytes);
  out.file = file;
  return out;
}

/// Names what is sent; HEAD sends nothing of it.
void give_body(StaticAnswer& out, const http::Slice& slice, bool is_head) {
  out.content_length = slice.length;
  if (is_head || slice.length == 0) return;
  if (out.file->in_memory) {
    out.body = StaticAnswer::Body::memory;
    out.memory = std::string_view(out.file->content).substr(slice.offset, slice.length);
  } else {
    out.body = StaticAnswer::Body::file;
    out.offset = slice.offset;
    out.length = slice.length;
  }
}

bool append_slice(std::string& out, const OpenFile& file, const http::Slice& slice) {
  if (file.in_memory) {
    out.append(file.content, slice.offset, slice.length);
    return true;
  }
  const std::size_t start = out.size();
  out.resize(start + slice.length);
  for (std::size_t have = 0; have < slice.length;) {
    const ssize_t got = ::pread(file.fd.get(), out.data() + start + have, slice.length - have,
                                static_cast<off_t>(slice.offset + have));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;  // it became shorter under our hands
    have += static_cast<std::size_t>(got);
  }
  return true;
}

/// 206 with several parts (wsgi-hosting 7.4); false when the file could not be read.
bool give_parts(StaticAnswer& out, const std::vector<http::Slice>& slices,
                const std::string& boundary, bool is_head) {
  const OpenFile& file = *out.file;
  std::uint64_t unread = 0;
  for (const http::Slice& slice : slices) {
    out.text += "\r\n--" + boundary + "\r\n";
    if (!file.type.empty()) out.text += "Content-type: " + file.type + "\r\n";
    out.text += "Content-range: ";
    append_content_range(out.text, slice, file.size);
    out.text += "\r\n\r\n";
    if (is_head) {
      unread += slice.length;
    } else if (!append_slice(out.text, file, slice)) {
      return false;
    }
  }
  out.text += "\r\n--" + boundary + "--\r\n";
  out.status = 206;
  out.shared_fields = std::string_view(file.fields).substr(0, file.untyped_bytes);
  out.own_fields = "Content-Type: multipart/byteranges; boundary=" + boundary + "\r\n";
  out.content_length = out.text.size() + unread;
  out.body = is_head ? StaticAnswer::Body::none : StaticAnswer::Body::text;
  if (is_head) out.text.clear();
  return true;
}

/// Nobody who writes a file can know it beforehand.
std::string boundary_of(std::int64_t wall_us, std::uint64_t number) {
  std::string out;
  char digits[16];
  for (const std::uint64_t part : {static_cast<std::uint64_t>(wall_us), number}) {
    const std::uint64_t mixed = (part + 0x9e3779b97f4a7c15U) * 0xbf58476d1ce4e5b9U;
    out.append(digits,
               std::to_chars(digits, digits + sizeof digits, mixed ^ (mixed >> 31), 16).ptr);
  }
  return out;
}

StaticAnswer file_answer(const RequestHead& head, std::shared_ptr<const OpenFile> file,
                         std::int64_t wall_us, std::uint64_t& boundaries) {
  const bool is_head = head.method == Method::head;
  const std::int64_t now = wall_us / 1'000'000;
  const http::Validators validators{file->etag, file->last_modified};
  StaticAnswer out;
  out.file = std::move(file);
  out.shared_fields = out.file->fields;
  switch (http::evaluate_conditions(head, validators, now)) {
    case http::Verdict::proceed:
      break;
    case http::Verdict::not_modified:
      out.status = 304;
      out.shared_fields = out.shared_fields.substr(0, out.file->validator_bytes);
      out.has_content_length = false;
      return out;
    case http::Verdict::precondition_failed:
      out.status = 412;
      return out;
  }
  const http::Slice whole{0, out.file->size};
  http::Ranges ranges;
  if (head.find(base::http::FieldName::range) != nullptr &&
      http::if_range_holds(head, validators, now))
    ranges = http::requested_ranges(head, out.file->size);
  if (ranges.kind == http::Ranges::Kind::unsatisfiable) {
    std::string field = "Content-Range: bytes */";
    append_number(field, out.file->size);
    return page_answer(416, head.method, field + "\r\n");
  }
  if (ranges.kind == http::Ranges::Kind::slices && ranges.slices.size() == 1) {
    out.status = 206;
    out.own_fields = "Content-Range: ";
    append_content_range(out.own_fields, ranges.slices[0], out.file->size);
    out.own_fields += "\r\n";
    give_body(out, ranges.slices[0], is_head);
    return out;
  }
  if (ranges.kind == http::Ranges::Kind::slices) {
    std::uint64_t total = 0;
    for (const http::Slice& slice : ranges.slices)
      total = std::min(total + std::min(slice.length, kMultipartLimitBytes + 1),
                       kMultipartLimitBytes + 1);
    if (total <= kMultipartLimitBytes) {
      if (give_parts(out, ranges.slices, boundary_of(wall_us, ++boundaries), is_head)) return out;
      return page_answer(500, head.method);
    }
  }
  give_body(out, whole, is_head);
  return out;
}

}  // namespace

StaticAnswer page_answer(int status, Method method, std::string fields) {
  StaticAnswer out;
  out.status = status;
  out.own_fields = std::move(fields);
  out.own_fields += "Content-Type: ";
  out.own_fields += kErrorPageType;
  out.own_fields += "\r\n";
  out.text = error_page(status);
  out.content_length = out.text.size();
  out.body = StaticAnswer::Body::text;
  if (method == Method::head) {
    out.body = StaticAnswer::Body::none;
    out.text.clear();
  }
  return out;
}

StaticAnswer StaticFiles::answer(const StaticRequest& request, base::net::TimePoint now,
                                 std::int64_t wall_us) {
  const RequestHead& head = *request.head;
  FileCache::Found found = cache_.find(request.file, now, wall_us);
  if (found.status == 200 && found.is_directory) {
    if (request.url_path.empty() || request.url_path.back() != '/')
      return slash_redirect(request, request.url_path, {});
    found = FileCache::Found{403, true, nullptr};  // no index: a listing is not offered
    const std::span<const std::string> names =
        request.index_names.empty() ? std::span(&kDefaultIndex, 1) : request.index_names;
    for (const std::string& name : names) {
      if (name.empty() || name.front() == '/') continue;  // another URL: mapping's to follow
      index_path_ = request.file.path;
      if (index_path_.back() != '/') index_path_ += '/';
      index_path_ += name;
      FileName file = request.file;
      file.path = index_path_;
      FileCache::Found index = cache_.find(file, now, wall_us);
      if (index.status == 403 || index.status == 404) continue;
      if (index.is_directory) return slash_redirect(request, request.url_path, name);
      found = std::move(index);
      break;
    }
  }
  if (head.method == Method::options &&
      (found.status == 200 || found.status == 404 || found.is_directory))
    return options_answer(found.file);
  if (!reads_file(head.method) &&
      (found.status == 200 || found.status == 404 || found.is_directory))
    return page_answer(refusal_of_method(head), head.method, std::string(kAllow));
  if (found.status != 200) return page_answer(found.status, head.method);
  return file_answer(head, std::move(found.file), wall_us, boundaries_);
}

}  // namespace appserver::handlers
