// SPDX-License-Identifier: Apache-2.0
#include "proxy/exchange/exchange.hpp"

namespace proxy::exchange {

void Exchange::reset() {
  head_text.clear();
  head.clear();
  protocol = "HTTP/1.1";
  path = query = {};
  request.reset();
  backend_head.clear();
  request_chunked = false;
  response.reset();
  status = 0;
  response_started = false;
  front = nullptr;
  back = nullptr;
  host = 0;
  start_us = 0;
  started = {};
  request_id.clear();
  response_fields.clear();
  keep_alive_count = 0;
  head_bytes_out = 0;
  connection_status = '-';
  retried = false;
}

void Exchange::adopt_head_text(std::string_view old_text) {
  const auto moved = [this, old_text](std::string_view view) -> std::string_view {
    // Fixed texts (of the parser, say) stand elsewhere and stay.
    if (view.data() < old_text.data() ||
        view.data() + view.size() > old_text.data() + old_text.size())
      return view;
    return std::string_view(head_text).substr(
        static_cast<std::size_t>(view.data() - old_text.data()), view.size());
  };
  head.method_text = moved(head.method_text);
  head.target = moved(head.target);
  head.host = moved(head.host);
  for (auto& field : head.fields) {
    field.name = moved(field.name);
    field.value = moved(field.value);
  }
}

}  // namespace proxy::exchange
