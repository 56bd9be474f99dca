// SPDX-License-Identifier: Apache-2.0
// Reads responses off a byte stream as a strict client does. Written apart from base/http on
// purpose: a reader that shared its code with the server would share its mistakes.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tests::support {

struct HttpResponse {
  int status = 0;
  std::string version;  ///< "HTTP/1.1"
  std::string reason;
  std::vector<std::pair<std::string, std::string>> fields;  ///< in order, as received
  std::string body;                                         ///< content, transfer coding removed
  /// False: the stream ended before the response did.
  bool complete = false;
  /// What broke the rules of RFC 9112; empty when nothing did.
  std::string malformed;

  /// Value of the first field of that name (case-blind); nothing when there is none.
  [[nodiscard]] std::optional<std::string> field(std::string_view name) const;
  [[nodiscard]] std::size_t count(std::string_view name) const;
};

/// Eats responses from the front of a growing buffer.
class ResponseReader {
 public:
  /// `head_request`: the response to HEAD, which has no body whatever its fields say.
  explicit ResponseReader(bool head_request = false) : head_request_(head_request) {}

  /// Takes what it can from `buffer`; true when the response is over (complete or malformed).
  /// `end_of_stream`: no more bytes will follow, which completes a body delimited by close.
  bool take(std::string& buffer, bool end_of_stream);
  [[nodiscard]] HttpResponse& response() { return response_; }

 private:
  enum class State { head, length, chunk_size, chunk_data, trailer, until_close, done };
  bool take_head(std::string& buffer);
  bool take_chunked(std::string& buffer);
  bool broken(std::string why);

  bool head_request_;
  State state_ = State::head;
  std::size_t left_ = 0;
  HttpResponse response_;
};

}  // namespace tests::support
