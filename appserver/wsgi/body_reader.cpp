// SPDX-License-Identifier: Apache-2.0
#include "appserver/wsgi/body_reader.hpp"

#include <algorithm>

namespace appserver::wsgi {

void BodyReader::begin(const daemon::RequestMessage& message, Exchange& exchange) noexcept {
  // A declared length that was reached is the end: nothing waits for an end mark.
  const bool streamed =
      message.fixed.body == daemon::BodyMode::stream && message.fixed.body_length != 0;
  exchange_ = streamed ? &exchange : nullptr;
  at_hand_ =
      message.fixed.body == daemon::BodyMode::inline_ ? message.inline_body : std::string_view();
  expected_ = streamed ? message.fixed.body_length : 0;
  error_.clear();
  too_large_ = false;
}

base::Result<> BodyReader::fill() {
  if (!buffer_) buffer_ = std::make_unique<char[]>(kBufferBytes);
  GH_TRY(const std::size_t n, read({buffer_.get(), kBufferBytes}));
  at_hand_ = {buffer_.get(), n};
  return {};
}

base::Result<std::size_t> BodyReader::read(std::span<char> into) {
  if (!error_.empty()) return base::fail(base::ErrorCode::peer_closed, "already in error state");
  if (exchange_ == nullptr) return std::size_t{0};
  base::Result<std::size_t> n = exchange_->read_body(into);
  if (!n) {
    error_ = n.error().detail.empty() ? "failed" : n.error().detail;
    too_large_ = n.error().code == base::ErrorCode::too_large;
    return n;
  }
  const bool declared = expected_ >= 0;
  if (declared) expected_ = std::max<std::int64_t>(expected_ - static_cast<std::int64_t>(*n), 0);
  if (*n == 0 || (declared && expected_ == 0)) {
    exchange_ = nullptr;
    expected_ = 0;
  }
  return n;
}

void BodyReader::stop(std::string_view why) {
  if (exchange_ != nullptr && error_.empty()) error_ = why;
}

}  // namespace appserver::wsgi
