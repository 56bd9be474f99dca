// SPDX-License-Identifier: Apache-2.0
// Every function here is called by C code: noexcept, and an error is one of nghttp2's codes.
#include "proxy/frontend/http2_callbacks.hpp"

#include "base/assert.hpp"

namespace proxy::frontend {

namespace {
constexpr std::size_t kFrameHeadBytes = 9;

std::string_view text(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}
}  // namespace

struct Http2Callbacks {
  static Http2Session& session_of(void* user) { return *static_cast<Http2Session*>(user); }
  static Http2Stream* stream_of(nghttp2_session* session, std::int32_t id) {
    return static_cast<Http2Stream*>(nghttp2_session_get_stream_user_data(session, id));
  }

  static bool count(Http2Session& self, metrics::Flood kind) {
    if (self.floods_.allow(kind, self.connection_.now())) return true;
    self.calm_down(kind);
    return false;
  }

  static int on_begin_frame(nghttp2_session*, const nghttp2_frame_hd* head, void* user) noexcept {
    if (head->type == NGHTTP2_CONTINUATION) count(session_of(user), metrics::Flood::empty);
    // Counted here: without RFC 7540 priorities nghttp2 drops these frames before it reports them.
    if (head->type == NGHTTP2_PRIORITY) count(session_of(user), metrics::Flood::priority);
    return 0;
  }

  static int on_begin_headers(nghttp2_session*, const nghttp2_frame* frame, void* user) noexcept {
    if (frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST)
      session_of(user).begin_stream(frame->hd.stream_id);
    return 0;
  }

  static int on_header(nghttp2_session* session, const nghttp2_frame* frame,
                       const std::uint8_t* name, std::size_t name_size, const std::uint8_t* value,
                       std::size_t value_size, std::uint8_t, void* user) noexcept {
    // Trailers are checked by nghttp2 and dropped.
    if (frame->hd.type != NGHTTP2_HEADERS || frame->headers.cat != NGHTTP2_HCAT_REQUEST) return 0;
    Http2Stream* stream = stream_of(session, frame->hd.stream_id);
    if (stream == nullptr) return 0;
    if (stream->add_field(text(name, name_size), text(value, value_size)) ==
        Http2Stream::FieldVerdict::bomb)
      session_of(user).calm_down(metrics::Flood::headers);
    return 0;
  }

  // A field that nghttp2 would drop: the request is malformed as a whole (RFC 9113 section 8.1.1).
  static int on_invalid_header(nghttp2_session* session, const nghttp2_frame* frame,
                               const std::uint8_t*, std::size_t, const std::uint8_t*, std::size_t,
                               std::uint8_t, void*) noexcept {
    (void)nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, frame->hd.stream_id,
                                    NGHTTP2_PROTOCOL_ERROR);
    return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  }

  static int on_frame_recv(nghttp2_session* session, const nghttp2_frame* frame,
                           void* user) noexcept {
    Http2Session& self = session_of(user);
    const bool end_stream = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    const bool ack = (frame->hd.flags & NGHTTP2_FLAG_ACK) != 0;
    switch (frame->hd.type) {
      case NGHTTP2_HEADERS:
        if (Http2Stream* stream = stream_of(session, frame->hd.stream_id)) {
          if (frame->headers.cat == NGHTTP2_HCAT_REQUEST) {
            stream->head_complete(end_stream);
          } else if (end_stream) {
            stream->end_request();
          }
        }
        break;
      case NGHTTP2_DATA:
        if (frame->hd.length == 0 && !end_stream) count(self, metrics::Flood::empty);
        if (Http2Stream* stream = end_stream ? stream_of(session, frame->hd.stream_id) : nullptr)
          stream->end_request();
        break;
      case NGHTTP2_RST_STREAM:
        self.connection_.services().counters.h2_resets_received.add();
        count(self, metrics::Flood::reset);
        break;
      case NGHTTP2_PING:
        if (!ack) count(self, metrics::Flood::ping);
        break;
      case NGHTTP2_SETTINGS:
        if (!ack) count(self, metrics::Flood::settings);
        break;
      default:
        break;
    }
    return 0;
  }

  static int on_data_chunk(nghttp2_session* session, std::uint8_t, std::int32_t id,
                           const std::uint8_t* data, std::size_t size, void*) noexcept {
    Http2Stream* stream = stream_of(session, id);
    if (stream == nullptr) return nghttp2_session_consume_connection(session, size);
    stream->add_data(text(data, size));
    return 0;
  }

  static int on_frame_send(nghttp2_session* session, const nghttp2_frame* frame,
                           void* user) noexcept {
    if (frame->hd.type == NGHTTP2_RST_STREAM)
      session_of(user).connection_.services().counters.h2_resets_sent.add();
    const bool may_end = frame->hd.type == NGHTTP2_DATA || frame->hd.type == NGHTTP2_HEADERS;
    if (!may_end || (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) == 0) return 0;
    Http2Stream* stream = stream_of(session, frame->hd.stream_id);
    if (stream == nullptr) return 0;
    stream->response_ended_ = true;
    // The response is whole and the upload is not: the rest is not wanted (RFC 9113 section 8.1).
    if (!stream->request_ended_)
      (void)nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, frame->hd.stream_id,
                                      NGHTTP2_NO_ERROR);
    return 0;
  }

  static int on_stream_close(nghttp2_session* session, std::int32_t id, std::uint32_t,
                             void* user) noexcept {
    Http2Stream* stream = stream_of(session, id);
    if (stream == nullptr) return 0;
    nghttp2_session_set_stream_user_data(session, id, nullptr);
    stream->closed_ = true;
    session_of(user).note(*stream);
    return 0;
  }

  static ssize_t read_data(nghttp2_session*, std::int32_t, std::uint8_t*, std::size_t size,
                           std::uint32_t* flags, nghttp2_data_source* source, void*) noexcept {
    const auto next = static_cast<Http2Stream*>(source->ptr)->readable(size);
    if (next.deferred) return NGHTTP2_ERR_DEFERRED;
    *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
    if (next.end) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(next.bytes);
  }

  // One DATA frame, straight from the exchange's pipe. No padding is ever chosen.
  static int send_data(nghttp2_session*, nghttp2_frame*, const std::uint8_t* frame_head,
                       std::size_t size, nghttp2_data_source* source, void* user) noexcept {
    Transport& transport = session_of(user).connection_.transport();
    if (!transport.room()) return NGHTTP2_ERR_WOULDBLOCK;
    auto& stream = *static_cast<Http2Stream*>(source->ptr);
    auto& body = stream.exchange_->response;
    GH_ASSERT(body.buffer.size() >= size);
    transport.put(text(frame_head, kFrameHeadBytes));
    transport.put(body.buffer.view().substr(0, size));
    body.take(size);
    stream.progress_ = session_of(user).connection_.now();
    session_of(user).note(stream);
    return 0;
  }
};

nghttp2_data_provider data_provider_of(Http2Stream& stream) {
  nghttp2_data_provider provider{};
  provider.source.ptr = &stream;
  provider.read_callback = Http2Callbacks::read_data;
  return provider;
}

H2SessionPtr make_h2_session(Http2Session& session) {
  using CallbacksPtr = base::Handle<nghttp2_session_callbacks, nghttp2_session_callbacks_del>;
  using OptionPtr = base::Handle<nghttp2_option, nghttp2_option_del>;
  nghttp2_session_callbacks* raw_callbacks = nullptr;
  GH_ASSERT(nghttp2_session_callbacks_new(&raw_callbacks) == 0);
  const CallbacksPtr callbacks(raw_callbacks);
  nghttp2_session_callbacks_set_on_begin_frame_callback(raw_callbacks,
                                                        Http2Callbacks::on_begin_frame);
  nghttp2_session_callbacks_set_on_begin_headers_callback(raw_callbacks,
                                                          Http2Callbacks::on_begin_headers);
  nghttp2_session_callbacks_set_on_header_callback(raw_callbacks, Http2Callbacks::on_header);
  nghttp2_session_callbacks_set_on_invalid_header_callback(raw_callbacks,
                                                           Http2Callbacks::on_invalid_header);
  nghttp2_session_callbacks_set_on_frame_recv_callback(raw_callbacks,
                                                       Http2Callbacks::on_frame_recv);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(raw_callbacks,
                                                            Http2Callbacks::on_data_chunk);
  nghttp2_session_callbacks_set_on_frame_send_callback(raw_callbacks,
                                                       Http2Callbacks::on_frame_send);
  nghttp2_session_callbacks_set_on_stream_close_callback(raw_callbacks,
                                                         Http2Callbacks::on_stream_close);
  nghttp2_session_callbacks_set_send_data_callback(raw_callbacks, Http2Callbacks::send_data);

  nghttp2_option* raw_option = nullptr;
  GH_ASSERT(nghttp2_option_new(&raw_option) == 0);
  const OptionPtr option(raw_option);
  // Windows open at the pace of the backend; closed streams need not be remembered for a priority
  // tree.
  nghttp2_option_set_no_auto_window_update(raw_option, 1);
  nghttp2_option_set_no_closed_streams(raw_option, 1);

  nghttp2_session* made = nullptr;
  GH_ASSERT(nghttp2_session_server_new2(&made, raw_callbacks, &session, raw_option) == 0);
  const nghttp2_settings_entry settings[] = {
      {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, kMaxStreams},
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, static_cast<std::uint32_t>(kStreamWindowBytes)},
      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, static_cast<std::uint32_t>(kMaxHeaderListBytes)},
      {NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1}};
  GH_ASSERT(nghttp2_submit_settings(made, NGHTTP2_FLAG_NONE, settings, std::size(settings)) == 0);
  GH_ASSERT(nghttp2_session_set_local_window_size(made, NGHTTP2_FLAG_NONE, 0,
                                                  kConnectionWindowBytes) == 0);
  return H2SessionPtr(made);
}

}  // namespace proxy::frontend
