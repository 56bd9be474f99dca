// SPDX-License-Identifier: Apache-2.0
// Texts of the numbered environ keys, and the reading and writing of request messages.
// Both sides of the channel link this; it knows nothing of sockets or Python.
#include "appserver/daemon/request_message.hpp"

#include <array>
#include <cstddef>
#include <limits>

namespace appserver::daemon {
namespace {

constexpr std::size_t kKeys = static_cast<std::size_t>(Key::count_);

// In the order of the enumeration; empty: no environ key.
constexpr std::array<std::string_view, kKeys> kTexts = {"",  // custom
                                                        "",
                                                        "",
                                                        "",
                                                        "",
                                                        "",
                                                        "",  // control entries
                                                        "AUTH_TYPE",
                                                        "CONTENT_LENGTH",
                                                        "CONTENT_TYPE",
                                                        "CONTEXT_DOCUMENT_ROOT",
                                                        "CONTEXT_PREFIX",
                                                        "DOCUMENT_ROOT",
                                                        "HTTPS",
                                                        "PATH_INFO",
                                                        "QUERY_STRING",
                                                        "REMOTE_ADDR",
                                                        "REMOTE_PORT",
                                                        "REMOTE_USER",
                                                        "REQUEST_METHOD",
                                                        "REQUEST_SCHEME",
                                                        "REQUEST_URI",
                                                        "SCRIPT_FILENAME",
                                                        "SCRIPT_NAME",
                                                        "SERVER_ADDR",
                                                        "SERVER_ADMIN",
                                                        "SERVER_NAME",
                                                        "SERVER_PORT",
                                                        "SERVER_PROTOCOL",
                                                        "SERVER_SOFTWARE",
                                                        "HTTP_ACCEPT",
                                                        "HTTP_ACCEPT_CHARSET",
                                                        "HTTP_ACCEPT_ENCODING",
                                                        "HTTP_ACCEPT_LANGUAGE",
                                                        "HTTP_AUTHORIZATION",
                                                        "HTTP_CACHE_CONTROL",
                                                        "HTTP_CONNECTION",
                                                        "HTTP_COOKIE",
                                                        "HTTP_EXPECT",
                                                        "HTTP_FORWARDED",
                                                        "HTTP_HOST",
                                                        "HTTP_IF_MATCH",
                                                        "HTTP_IF_MODIFIED_SINCE",
                                                        "HTTP_IF_NONE_MATCH",
                                                        "HTTP_IF_RANGE",
                                                        "HTTP_IF_UNMODIFIED_SINCE",
                                                        "HTTP_KEEP_ALIVE",
                                                        "HTTP_ORIGIN",
                                                        "HTTP_PRAGMA",
                                                        "HTTP_RANGE",
                                                        "HTTP_REFERER",
                                                        "HTTP_TE",
                                                        "HTTP_TRACEPARENT",
                                                        "HTTP_TRACESTATE",
                                                        "HTTP_TRANSFER_ENCODING",
                                                        "HTTP_UPGRADE",
                                                        "HTTP_UPGRADE_INSECURE_REQUESTS",
                                                        "HTTP_USER_AGENT",
                                                        "HTTP_VIA",
                                                        "HTTP_X_FORWARDED_FOR",
                                                        "HTTP_X_FORWARDED_HOST",
                                                        "HTTP_X_FORWARDED_PORT",
                                                        "HTTP_X_FORWARDED_PROTO",
                                                        "HTTP_X_FORWARDED_SERVER",
                                                        "HTTP_X_REAL_IP",
                                                        "HTTP_X_REQUEST_ID",
                                                        "HTTP_X_REQUESTED_WITH",
                                                        "mod_wsgi.connection_id",
                                                        "mod_wsgi.listener_host",
                                                        "mod_wsgi.listener_port",
                                                        "mod_wsgi.mount_point",
                                                        "mod_wsgi.path_info",
                                                        "mod_wsgi.request_id",
                                                        "mod_wsgi.script_name",
                                                        "mod_wsgi.server_pid"};
static_assert(kTexts[static_cast<std::size_t>(Key::first_environ)] == "AUTH_TYPE");
static_assert(kTexts[static_cast<std::size_t>(Key::http_accept)] == "HTTP_ACCEPT");
static_assert(kTexts[static_cast<std::size_t>(Key::http_x_requested_with)] ==
              "HTTP_X_REQUESTED_WITH");
static_assert(kTexts.back() == "mod_wsgi.server_pid");

// Open addressing, made by the compiler: 74 keys in 256 slots, mostly one look and one comparison.
constexpr std::size_t kSlots = 256;

constexpr std::size_t slot_of(std::string_view text) {
  const auto at = [text](std::size_t i) {
    return std::size_t{static_cast<unsigned char>(text[i])};
  };
  const std::size_t n = text.size();
  const std::size_t h = n * 7919 + at(n - 1) * 31 + at(n / 2) * 1021 + at(n * 3 / 4) * 131;
  return (h ^ (h >> 8U)) % kSlots;
}

constexpr std::array<Key, kSlots> make_slots() {
  std::array<Key, kSlots> slots{};  // Key::custom: empty
  for (std::size_t i = 0; i < kKeys; ++i) {
    if (kTexts[i].empty()) continue;
    std::size_t slot = slot_of(kTexts[i]);
    while (slots[slot] != Key::custom) slot = (slot + 1) % kSlots;
    slots[slot] = static_cast<Key>(i);
  }
  return slots;
}
constexpr auto kSlotTable = make_slots();

template <class T>
bool take(std::string_view& from, T& out) noexcept {
  if (from.size() < sizeof(T)) return false;
  std::memcpy(&out, from.data(), sizeof(T));
  from.remove_prefix(sizeof(T));
  return true;
}

bool take_text(std::string_view& from, std::size_t length, std::string_view& out) noexcept {
  if (from.size() < length) return false;
  out = from.substr(0, length);
  from.remove_prefix(length);
  return true;
}

}  // namespace

std::string_view key_text(Key key) noexcept {
  const auto i = static_cast<std::size_t>(key);
  return i < kKeys ? kTexts[i] : std::string_view();
}

Key find_key(std::string_view text) noexcept {
  if (text.empty()) return Key::custom;
  for (std::size_t slot = slot_of(text);; slot = (slot + 1) % kSlots) {
    const Key key = kSlotTable[slot];
    if (key == Key::custom || kTexts[static_cast<std::size_t>(key)] == text) return key;
  }
}

void VariableWriter::add(std::string_view name, std::string_view value) {
  const Key key = find_key(name);
  if (key == Key::custom) {
    add_custom(name, value);
  } else {
    add(key, value);
  }
}

void VariableWriter::add_custom(std::string_view name, std::string_view value) {
  // Heads and configuration lines are far shorter than this; a longer name has no place on the
  // wire.
  if (name.size() > std::numeric_limits<std::uint16_t>::max()) return;
  const auto n = static_cast<std::uint16_t>(name.size());
  char start[3] = {static_cast<char>(Key::custom)};
  std::memcpy(start + 1, &n, 2);
  out_.append(start, sizeof start);
  out_.append(name);
  add_value(value);
}

bool VariableReader::next(Variable& out) noexcept {
  std::uint8_t number = 0;
  if (!take(rest_, number)) return false;
  out.key = static_cast<Key>(number);
  out.name = {};
  bool whole = number < kKeys;
  if (whole && out.key == Key::custom) {
    std::uint16_t n = 0;
    whole = take(rest_, n) && take_text(rest_, n, out.name);
  }
  std::uint32_t n = 0;
  whole = whole && take(rest_, n) && take_text(rest_, n, out.value);
  if (!whole) rest_ = {};
  return whole;
}

bool split_message(std::string_view bytes, RequestMessage& out) noexcept {
  RequestFixed& fixed = out.fixed;
  return take(bytes, fixed) && fixed.body <= BodyMode::stream &&
         take_text(bytes, fixed.site_bytes, out.site) &&
         take_text(bytes, fixed.variables_bytes, out.variables) &&
         take_text(bytes, fixed.application_group_bytes, out.application_group) &&
         take_text(bytes, fixed.inline_body_bytes, out.inline_body) && bytes.empty();
}

}  // namespace appserver::daemon
