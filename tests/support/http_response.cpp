// SPDX-License-Identifier: Apache-2.0
// RFC 9112, seen from the client: status line, fields, the three ways to end a body.
#include "tests/support/http_response.hpp"

#include <algorithm>
#include <charconv>
#include <strings.h>

namespace tests::support {
namespace {

bool same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() && ::strncasecmp(a.data(), b.data(), a.size()) == 0;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// All of `text` as a number in `base`.
std::optional<std::size_t> number(std::string_view text, int base) {
  std::size_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (text.empty() || code != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Removes the first line from `buffer` and returns it without CRLF; nothing when it is not whole.
std::optional<std::string> take_line(std::string& buffer) {
  const auto end = buffer.find("\r\n");
  if (end == std::string::npos) return std::nullopt;
  std::string line = buffer.substr(0, end);
  buffer.erase(0, end + 2);
  return line;
}

}  // namespace

std::optional<std::string> HttpResponse::field(std::string_view name) const {
  for (const auto& [key, value] : fields)
    if (same_name(key, name)) return value;
  return std::nullopt;
}

std::size_t HttpResponse::count(std::string_view name) const {
  return static_cast<std::size_t>(std::count_if(
      fields.begin(), fields.end(), [&](const auto& f) { return same_name(f.first, name); }));
}

bool ResponseReader::broken(std::string why) {
  response_.malformed = std::move(why);
  state_ = State::done;
  return true;
}

bool ResponseReader::take_head(std::string& buffer) {
  const auto end = buffer.find("\r\n\r\n");
  if (end == std::string::npos) return false;
  std::string head = buffer.substr(0, end + 2);
  buffer.erase(0, end + 4);

  const std::string start = *take_line(head);
  if (start.size() < 12 || start.compare(0, 7, "HTTP/1.") != 0 || start[8] != ' ')
    return broken("status line: " + start);
  response_.version = start.substr(0, 8);
  const auto status = number(std::string_view(start).substr(9, 3), 10);
  if (!status || *status < 100 || *status > 599 || (start.size() > 12 && start[12] != ' '))
    return broken("status line: " + start);
  response_.status = static_cast<int>(*status);
  response_.reason = start.size() > 13 ? start.substr(13) : "";

  while (const auto line = take_line(head)) {
    const auto colon = line->find(':');
    if (colon == std::string::npos || colon == 0 || line->find_first_of(" \t") < colon)
      return broken("field line: " + *line);
    if (line->find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos)
      return broken("control character in a field");
    response_.fields.emplace_back(line->substr(0, colon),
                                  trimmed(std::string_view(*line).substr(colon + 1)));
  }

  const auto length = response_.field("Content-Length");
  const auto coding = response_.field("Transfer-Encoding");
  if (length && coding) return broken("both Content-Length and Transfer-Encoding");
  if (response_.count("Content-Length") > 1) return broken("two Content-Length fields");
  const bool no_body =
      head_request_ || response_.status < 200 || response_.status == 204 || response_.status == 304;
  if (no_body) {
    state_ = State::done;
    response_.complete = true;
  } else if (coding) {
    if (!same_name(*coding, "chunked")) return broken("Transfer-Encoding: " + *coding);
    state_ = State::chunk_size;
  } else if (length) {
    const auto size = number(*length, 10);
    if (!size) return broken("Content-Length: " + *length);
    left_ = *size;
    state_ = State::length;
  } else {
    state_ = State::until_close;
  }
  return true;
}

bool ResponseReader::take_chunked(std::string& buffer) {
  if (state_ == State::chunk_size) {
    const auto line = take_line(buffer);
    if (!line) return false;
    const auto size = number(std::string_view(*line).substr(0, line->find(';')), 16);
    if (!size) return broken("chunk size: " + *line);
    left_ = *size;
    state_ = *size == 0 ? State::trailer : State::chunk_data;
    return true;
  }
  if (state_ == State::trailer) {
    const auto line = take_line(buffer);
    if (!line) return false;
    if (line->empty()) {
      state_ = State::done;
      response_.complete = true;
    }
    return true;
  }
  const std::size_t count = std::min(left_, buffer.size());
  response_.body.append(buffer, 0, count);
  buffer.erase(0, count);
  left_ -= count;
  if (left_ > 0 || buffer.size() < 2) return false;
  if (buffer.compare(0, 2, "\r\n") != 0) return broken("no line end behind a chunk");
  buffer.erase(0, 2);
  state_ = State::chunk_size;
  return true;
}

bool ResponseReader::take(std::string& buffer, bool end_of_stream) {
  for (bool progress = true; progress && state_ != State::done;) {
    switch (state_) {
      case State::head:
        progress = take_head(buffer);
        break;
      case State::length: {
        const std::size_t count = std::min(left_, buffer.size());
        response_.body.append(buffer, 0, count);
        buffer.erase(0, count);
        left_ -= count;
        progress = left_ == 0;
        if (left_ == 0) {
          state_ = State::done;
          response_.complete = true;
        }
        break;
      }
      case State::until_close:
        response_.body += buffer;
        buffer.clear();
        response_.complete = end_of_stream;
        if (end_of_stream) state_ = State::done;
        progress = false;
        break;
      default:
        progress = take_chunked(buffer);
    }
  }
  return state_ == State::done;
}

}  // namespace tests::support
