// SPDX-License-Identifier: Apache-2.0
// A front's channel with daemons that the test plays itself: real sockets, real claims pages, no
// Python.
#pragma once

#include "appserver/daemon/client.hpp"
#include "appserver/daemon/link_io.hpp"
#include "appserver/metrics/slabs.hpp"
#include "base/net/event_loop.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <vector>

namespace appserver::daemon::testing {

struct FakeRequest final : ChannelRequest {
  explicit FakeRequest(std::string text) : payload(std::move(text)) {}
  std::string payload;
  int encoded = 0;
  int status = 0;
  std::string body;
  std::string failure;
  bool accepted = false;
  bool complete = false;
  bool ended = false;
  bool streamed = false;
  bool has_file = false;

  void encode(std::string& out) override {
    ++encoded;
    out += payload;
  }
  base::Fd open_body() override { return {}; }
  void on_accepted() override { accepted = true; }
  void on_head(const AnswerHead& head, std::string_view bytes, bool whole) override {
    status = head.status;
    on_data(bytes, whole);
  }
  void on_data(std::string_view bytes, bool whole) override {
    body += bytes;
    ended = complete = whole;
  }
  void on_stream(base::Fd) override { streamed = true; }
  void on_file(base::Fd, std::uint64_t, std::uint64_t) override { has_file = true; }
  void on_end(bool whole, std::uint64_t) override {
    complete = whole;
    ended = true;
  }
  void on_failure(int code, const char* why) override {
    EXPECT_FALSE(ended) << "two final calls";
    status = status == 0 ? code : status;
    failure = why;
    ended = true;
  }
};

/// The daemon's end of one link.
struct FakeDaemon {
  base::Fd socket;
  base::Fd kick;
  Claims claims;
  LinkReader reader{kRequestPayloadLimit};
  LinkWriter writer;
  std::vector<FrameView> frames;

  /// Requests that have arrived, with all that came before kept alive.
  std::optional<FrameView> next() {
    FrameView frame;
    if (reader.next(frame)) return frame;
    (void)reader.receive(socket.get());
    if (reader.next(frame)) return frame;
    return std::nullopt;
  }
  void flush() { ASSERT_EQ(writer.send(socket.get()), LinkWriter::Sent::all); }
  void send(FrameType type, const FrameHead& to, std::uint8_t flags, std::string_view payload) {
    writer.frame(type, to.slot, to.generation, flags, payload);
    flush();
  }
  static std::string head(int status, std::string_view body) {
    ResponseHeadFixed fixed;
    fixed.status = static_cast<std::uint16_t>(status);
    std::string out(reinterpret_cast<const char*>(&fixed), sizeof fixed);
    return out += body;
  }
  void answer(const FrameHead& to, std::string_view body) {
    send(FrameType::response, to, kComplete, head(200, body));
  }
  [[nodiscard]] bool kicked() const {
    std::uint64_t count = 0;
    return ::read(kick.get(), &count, sizeof count) > 0;
  }
};

class ChannelTest : public ::testing::Test {
 protected:
  ChannelTest() : log(base::observe::ErrorLog::to_stderr(base::observe::LogLevel::emerg)) {
    metrics::MetricsShape shape;
    shape.hosts = {"h"};
    shape.groups = {{"g", 2, 2}};
    metrics = std::move(*metrics::SharedMetrics::create(shape));
    settings.name = "g";
    settings.processes = 2;
  }
  GroupClient& group() {
    if (client == nullptr) client = &channel.add_group(settings, metrics->group(0, 0), *log);
    return *client;
  }
  FakeDaemon& add_daemon(unsigned threads = 2) {
    auto fake = std::make_unique<FakeDaemon>();
    std::array<int, 2> ends{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()), 0);
    const base::Fd page = std::move(*Claims::create(1, threads));
    ProcessHandle handle;
    handle.process = static_cast<unsigned>(daemons.size());
    handle.pid = static_cast<pid_t>(1000 + daemons.size());
    handle.link = base::Fd(ends[0]);
    fake->socket = base::Fd(ends[1]);
    fake->kick = base::Fd(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
    handle.kick = base::Fd(::dup(fake->kick.get()));
    handle.claims = std::move(*Claims::map(page.get(), 1, threads));
    fake->claims = std::move(*Claims::map(page.get(), 1, threads));
    group().add_process(std::move(handle));
    daemons.push_back(std::move(fake));
    return *daemons.back();
  }
  void turn() { loop.turn(0); }
  /// Turns until `done`; a test that never gets there fails by its own time limit.
  void turn_until(const std::function<bool()>& done) {
    const auto limit = base::net::Clock::now() + std::chrono::seconds(20);
    bool reached = done();
    while (!reached && base::net::Clock::now() < limit) {
      loop.turn(50);
      reached = done();
    }
    ASSERT_TRUE(reached);
  }
  FrameView request_at(FakeDaemon& daemon) {
    turn();
    auto frame = daemon.next();
    EXPECT_TRUE(frame.has_value());
    return frame.value_or(FrameView{});
  }

  base::net::EventLoop loop;
  std::shared_ptr<base::observe::ErrorLog> log;
  std::unique_ptr<metrics::SharedMetrics> metrics;
  ClientSettings settings;
  Channel channel{loop};
  GroupClient* client = nullptr;
  std::vector<std::unique_ptr<FakeDaemon>> daemons;
};

}  // namespace appserver::daemon::testing
