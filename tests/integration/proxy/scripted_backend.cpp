// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/proxy/scripted_backend.hpp"

#include <algorithm>
#include <poll.h>
#include <stdexcept>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

namespace tests::proxy {

bool BackendConnection::fill() {
  char piece[65536];
  const ssize_t got = ::recv(fd_, piece, sizeof piece, 0);
  if (got <= 0) return false;
  buffer_.append(piece, static_cast<std::size_t>(got));
  return true;
}

bool BackendConnection::read_head(std::string& head) {
  std::size_t end = 0;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
    if (!fill()) return false;
  }
  head = buffer_.substr(0, end + 4);
  buffer_.erase(0, end + 4);
  return true;
}

bool BackendConnection::read_line(std::string& line) {
  std::size_t end = 0;
  while ((end = buffer_.find("\r\n")) == std::string::npos) {
    if (!fill()) return false;
  }
  line = buffer_.substr(0, end);
  buffer_.erase(0, end + 2);
  return true;
}

bool BackendConnection::read_bytes(std::string& out, std::size_t size) {
  while (buffer_.size() < size) {
    if (!fill()) break;
  }
  const std::size_t taken = std::min(size, buffer_.size());
  out.append(buffer_, 0, taken);
  buffer_.erase(0, taken);
  return taken == size;
}

bool BackendConnection::read_request(Request& out) {
  out = {};
  if (!read_head(out.head)) return false;
  const std::size_t length = out.head.find("\r\nContent-Length: ");
  if (out.head.find("\r\nTransfer-Encoding: chunked\r\n") != std::string::npos) {
    std::string line;
    while (read_line(line)) {
      const std::size_t size = std::stoul(line, nullptr, 16);
      if (size == 0) {
        out.whole = read_line(line);
        break;
      }
      if (!read_bytes(out.body, size) || !read_line(line)) break;
    }
  } else if (length != std::string::npos) {
    out.whole = read_bytes(out.body, std::stoul(out.head.substr(length + 18)));
  } else {
    out.whole = true;
  }
  return true;
}

bool BackendConnection::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

std::string BackendConnection::read_to_end() {
  while (fill()) {
  }
  return std::move(buffer_);
}

ScriptedBackend::ScriptedBackend(const std::string& path, Script script)
    : stop_(::eventfd(0, EFD_CLOEXEC)), script_(std::move(script)) {
  endpoint_.kind = base::net::Endpoint::Kind::unix_path;
  endpoint_.path = path;
  auto fd = base::net::listen_on(endpoint_, {});
  if (!fd) throw std::runtime_error(fd.error().detail);
  listener_ = std::move(*fd);
  acceptor_ = std::thread([this] { serve(); });
}

ScriptedBackend::~ScriptedBackend() {
  const std::uint64_t one = 1;
  (void)!::write(stop_.get(), &one, sizeof one);
  acceptor_.join();
  {
    const std::lock_guard lock(mutex_);
    for (const int fd : open_) (void)::shutdown(fd, SHUT_RDWR);
  }
  for (std::thread& thread : threads_) thread.join();
}

void ScriptedBackend::serve() {
  for (;;) {
    pollfd waiting[2] = {{listener_.get(), POLLIN, 0}, {stop_.get(), POLLIN, 0}};
    if (::poll(waiting, 2, -1) < 0) continue;
    if (waiting[1].revents != 0) return;
    const int fd = ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) continue;
    const std::lock_guard lock(mutex_);
    open_.push_back(fd);
    threads_.emplace_back([this, fd] {
      BackendConnection connection(fd);
      script_(connection);
      const std::lock_guard closing(mutex_);
      open_.erase(std::find(open_.begin(), open_.end(), fd));
      (void)::close(fd);
    });
  }
}

void ScriptedBackend::keep(const BackendConnection::Request& request) {
  const std::lock_guard lock(mutex_);
  kept_.push_back(request);
}

std::vector<BackendConnection::Request> ScriptedBackend::kept() const {
  const std::lock_guard lock(mutex_);
  return kept_;
}

ScriptedBackend::Script answer_all(ScriptedBackend*& self, std::string body) {
  return [&self, text = std::move(body)](BackendConnection& connection) {
    BackendConnection::Request request;
    while (connection.read_request(request)) {
      self->keep(request);
      if (!request.whole) return;
      const std::string head =
          "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(text.size()) + "\r\n\r\n";
      if (!connection.send(head + (request.head.starts_with("HEAD ") ? "" : text))) return;
    }
  };
}

}  // namespace tests::proxy
