// SPDX-License-Identifier: Apache-2.0
// One HTTP/2 stream: its request on the way in, its response on the way out.
#pragma once

#include "proxy/exchange/exchange.hpp"
#include "proxy/frontend/connection.hpp"
#include "proxy/frontend/http2_request.hpp"

#include <nghttp2/nghttp2.h>

#include <cstdint>
#include <memory>
#include <string_view>

namespace proxy::frontend {

class Http2Session;

/// Owned by its session. What nghttp2's callbacks tell it, it only notes; the session acts after
/// they have returned.
class Http2Stream final : public exchange::Front {
 public:
  Http2Stream(Http2Session& session, std::int32_t id);

  // From callbacks of nghttp2.
  enum class FieldVerdict : std::uint8_t { ok, bomb };
  FieldVerdict add_field(std::string_view name, std::string_view value);
  void head_complete(bool end_stream);
  void add_data(std::string_view data);
  void end_request();
  /// Bytes of the next DATA frame (at most `limit`); 0 and `deferred` when none are there yet.
  struct Readable {
    std::size_t bytes = 0;
    bool end = false;
    bool deferred = false;
  };
  Readable readable(std::size_t limit);

  // From the session.
  /// Sends the request on its way, or refuses it.
  void start();
  /// Tells the backend about data that came.
  void pass_request_on();
  void reset(std::uint32_t error_code);
  [[nodiscard]] bool stalled_at(base::net::TimePoint now, base::net::TimePoint& due) const;

  // Front
  void on_interim(const base::http::ResponseHead& head) override;
  void on_response_head(const base::http::ResponseHead& head) override;
  void on_response_progress() override;
  void on_request_taken(std::size_t bytes) override;
  void on_failure(const exchange::Failure& failure) override;

 private:
  friend class Http2Session;
  friend struct Http2Callbacks;
  void refuse(int status, const char* reason);

  Http2Session& session_;
  std::int32_t id_;
  std::size_t place_ = 0;  // in the session's list
  std::unique_ptr<exchange::Exchange> exchange_;
  Http2FieldList fields_;
  std::size_t list_bytes_ = 0;        // as SETTINGS_MAX_HEADER_LIST_SIZE counts
  std::uint64_t received_bytes_ = 0;  // of the body
  std::size_t unconsumed_bytes_ = 0;  // received, and the client has no new window for them yet
  base::net::TimePoint progress_;     // the client's last
  bool head_done_ = false;
  bool too_large_ = false;
  bool request_ended_ = false;
  bool started_ = false;
  bool deferred_ = false;        // nghttp2 waits for resume_data
  bool response_ended_ = false;  // END_STREAM was sent
  bool closed_ = false;
  bool reset_ = false;
  bool noted_ = false;  // stands in the session's list of streams to attend to
};

}  // namespace proxy::frontend
