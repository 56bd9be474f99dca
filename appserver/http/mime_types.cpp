// SPDX-License-Identifier: Apache-2.0
#include "appserver/http/mime_types.hpp"

#include "base/error.hpp"
#include "base/fd.hpp"
#include "base/http/tokens.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

namespace appserver::http {

namespace {

constexpr std::size_t kMaxExtension = 64;  // longer ones are no extensions of any type
constexpr std::size_t kMaxFileBytes = std::size_t{4} * 1024 * 1024;

std::string lower(std::string_view text) {
  std::string out;
  for (const char c : text) out.push_back(base::http::to_lower(c));
  return out;
}

std::string_view next_word(std::string_view& line) {
  constexpr std::string_view kBlanks = " \t\r";
  line.remove_prefix(std::min(line.find_first_not_of(kBlanks), line.size()));
  const std::string_view word = line.substr(0, line.find_first_of(kBlanks));
  line.remove_prefix(word.size());
  return word;
}

/// It becomes a field value: a token on either side of one slash, parameters allowed behind.
bool is_media_type(std::string_view word) {
  const std::size_t slash = word.find('/');
  if (slash == std::string_view::npos) return false;
  const std::string_view subtype = word.substr(slash + 1, word.find(';') - slash - 1);
  return base::http::is_token(word.substr(0, slash)) && base::http::is_token(subtype) &&
         base::http::is_field_value(word);
}

}  // namespace

base::Result<MimeTypes> MimeTypes::read(const std::string& path) {
  const base::Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return base::fail(base::system_error(path, errno));
  std::string text;
  char buffer[16 * 1024];
  for (;;) {
    const ssize_t got = ::read(fd.get(), buffer, sizeof buffer);
    if (got == 0) break;
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return base::fail(base::system_error(path, errno));
    text.append(buffer, static_cast<std::size_t>(got));
    if (text.size() > kMaxFileBytes)
      return base::fail(base::ErrorCode::too_large,
                        path + ": a file of media types has at most 4 MiB");
  }
  return parse(text);
}

MimeTypes MimeTypes::parse(std::string_view text) {
  MimeTypes out;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    line = line.substr(0, line.find('#'));
    const std::string_view type = next_word(line);
    if (!is_media_type(type)) continue;
    for (auto word = next_word(line); !word.empty(); word = next_word(line))
      if (word.size() <= kMaxExtension) out.types_.insert_or_assign(lower(word), std::string(type));
  }
  return out;
}

std::string_view MimeTypes::type_of(std::string_view file_name) const {
  const std::size_t first_dot = file_name.find('.', 1);
  if (first_dot == std::string_view::npos) return {};
  std::string_view extensions = file_name.substr(first_dot + 1);
  for (;;) {
    const std::size_t dot = extensions.rfind('.');
    const std::string_view last =
        dot == std::string_view::npos ? extensions : extensions.substr(dot + 1);
    if (!last.empty() && last.size() <= kMaxExtension) {
      const auto found = types_.find(lower(last));
      if (found != types_.end()) return found->second;
    }
    if (dot == std::string_view::npos) return {};
    extensions = extensions.substr(0, dot);
  }
}

}  // namespace appserver::http
