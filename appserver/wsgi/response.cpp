// SPDX-License-Identifier: Apache-2.0
#include "appserver/wsgi/response.hpp"

#include <algorithm>
#include <charconv>
#include <ctime>

namespace appserver::wsgi {
namespace {

// An application that needed longer than this for its first piece is likely to stream: nothing is
// held back then.
constexpr std::int64_t kQuickUs = 500;

// `lower` in lower case; the lengths are equal.
bool same_name(std::string_view name, std::string_view lower) noexcept {
  return std::equal(name.begin(), name.end(), lower.begin(), lower.end(), [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + 32) : a) == b;
  });
}

// Fields that belong to the server: its own date and name, the hop's framing, and CGI's Status.
bool belongs_to_server(std::string_view name, std::string_view value) noexcept {
  switch (name.size()) {
    case 2:
      return same_name(name, "te");
    case 4:
      return same_name(name, "date");
    case 6:
      return same_name(name, "server") || same_name(name, "status");
    case 7:
      return same_name(name, "trailer") || same_name(name, "upgrade");
    case 10:
      return same_name(name, "keep-alive") ||
             (same_name(name, "connection") && !same_name(value, "close"));
    case 16:
      return same_name(name, "proxy-connection");
    case 17:
      return same_name(name, "transfer-encoding");
    default:
      return false;
  }
}

}  // namespace

std::int64_t now_us() noexcept {
  timespec now{};
  (void)clock_gettime(CLOCK_REALTIME, &now);  // cannot fail for this clock
  return std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000;
}

void Response::begin(Exchange& exchange, bool head_request, std::int64_t begin_us) {
  exchange_ = &exchange;
  head_request_ = head_request;
  begin_us_ = begin_us;
  texts_.clear();
  fields_.clear();
  status_ = 0;
  committed_ = client_gone_ = wrote_ = false;
  content_length_ = -1;
  sent_ = 0;
}

void Response::start(int status, std::string_view reason) {
  status_ = status;
  texts_.assign(reason);
  reason_size_ = static_cast<std::uint32_t>(reason.size());
  fields_.clear();
}

void Response::add_field(std::string_view name, std::string_view value) {
  if (belongs_to_server(name, value)) return;
  Kind kind = Kind::other;
  if (name.size() == 12 && same_name(name, "content-type")) kind = Kind::content_type;
  if (name.size() == 14 && same_name(name, "content-length")) kind = Kind::content_length;
  if (kind != Kind::other) {  // the last one wins
    std::erase_if(fields_, [kind](const Field& field) { return field.kind == kind; });
  }
  const auto at = static_cast<std::uint32_t>(texts_.size());
  const auto name_size = static_cast<std::uint32_t>(name.size());
  texts_.append(name).append(value);
  fields_.push_back(
      {at, name_size, at + name_size, static_cast<std::uint32_t>(value.size()), kind});
}

bool Response::sends_body() const noexcept {
  return !head_request_ && status_ != 204 && status_ != 304;
}

bool Response::parse_content_length() {
  content_length_ = -1;
  if (status_ == 204 || status_ == 304) return true;
  for (const Field& field : fields_) {
    if (field.kind != Kind::content_length) continue;
    const std::string_view value = text(field.value_at, field.value_size);
    const auto [end, error] =
        std::from_chars(value.data(), value.data() + value.size(), content_length_);
    if (error != std::errc{} || end != value.data() + value.size() || content_length_ < 0) {
      PyErr_Format(PyExc_ValueError, "invalid Content-Length \"%.100s\"",
                   std::string(value).c_str());
      return false;
    }
  }
  return true;
}

void Response::set_head() {
  views_.clear();
  for (const Field& field : fields_) {
    if (field.kind == Kind::content_length && (status_ == 204 || status_ == 304)) continue;
    if (field.kind == Kind::content_type && status_ == 304) continue;
    views_.push_back(
        {text(field.name_at, field.name_size), text(field.value_at, field.value_size)});
  }
  committed_ = true;
  exchange_->set_head(status_, text(0, reason_size_), views_);
}

bool Response::commit(const Gil&) {
  if (committed_) return true;
  if (!started()) {
    PyErr_SetString(PyExc_RuntimeError, "start_response() was not called");
    return false;
  }
  if (!parse_content_length()) return false;
  set_head();
  return true;
}

Took Response::write(const Gil& gil, std::string_view data, Flush flush) {
  if (!commit(gil)) return Took::raised;
  if (client_gone_) return Took::client_gone;
  if (content_length_ >= 0) {
    data = data.substr(0, static_cast<std::size_t>(content_length_) - sent_);
  }
  sent_ += data.size();
  if (!sends_body() || data.empty()) {  // nothing to fail on: ask
    client_gone_ = exchange_->aborted();
    return client_gone_ ? Took::client_gone : Took::ok;
  }
  const base::Result<std::size_t> taken = exchange_->write(data);
  client_gone_ = !taken;
  const bool flush_now = flush == Flush::by_rule && (wrote_ || now_us() - begin_us_ >= kQuickUs);
  wrote_ = true;
  if (!client_gone_ && (*taken < data.size() || flush_now)) {
    const GilRelease unlocked(gil);
    if (*taken < data.size()) client_gone_ = !exchange_->write_blocking(data.substr(*taken));
    if (!client_gone_ && flush_now) exchange_->flush();
  }
  return client_gone_ ? Took::client_gone : Took::ok;
}

Took Response::send_file(const Gil& gil, int fd, std::uint64_t offset, std::uint64_t available) {
  if (!started()) return commit(gil) ? Took::ok : Took::raised;
  if (!parse_content_length()) return Took::raised;
  if (content_length_ < 0 && status_ != 204 && status_ != 304) {
    add_field("Content-Length", std::to_string(available));
    content_length_ = static_cast<std::int64_t>(available);
  }
  set_head();
  sent_ =
      content_length_ < 0 ? 0 : std::min(available, static_cast<std::uint64_t>(content_length_));
  if (!sends_body() || sent_ == 0) return Took::ok;
  const GilRelease unlocked(gil);
  client_gone_ = !exchange_->send_file(fd, offset, sent_);
  return client_gone_ ? Took::client_gone : Took::ok;
}

bool Response::short_of_length() const noexcept {
  return content_length_ >= 0 && !head_request_ && !client_gone_ &&
         sent_ < static_cast<std::uint64_t>(content_length_);
}

}  // namespace appserver::wsgi
