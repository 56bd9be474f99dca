// SPDX-License-Identifier: Apache-2.0
// A real interpreter for each test, a transport that records, and requests made of a few words.
#pragma once

#include "appserver/daemon/request_message.hpp"
#include "appserver/wsgi/exchange.hpp"
#include "appserver/wsgi/python.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace appserver::wsgi::test {

/// Records what the application answered; the body comes from a script of pieces.
class FakeExchange final : public Exchange {
 public:
  // --- what the test sets ---
  std::vector<std::string> body_pieces;   ///< one per read_body
  std::optional<base::Error> body_error;  ///< after the pieces, instead of the end
  std::size_t take_at_most = static_cast<std::size_t>(-1);  ///< per write()
  std::size_t gone_after = static_cast<std::size_t>(-1);    ///< bytes until the client leaves
  bool is_aborted = false;
  std::function<void()> on_read;  ///< before a piece is given

  // --- what the test looks at ---
  int heads = 0;
  int status = 0;
  std::string reason;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::vector<std::size_t> flushed_at;  ///< body sizes at the flushes
  std::size_t blocking_writes = 0;
  std::size_t reads = 0;
  struct File {
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
  };
  std::optional<File> file;
  std::optional<End> end;
  int ends = 0;  ///< finish + fail + reject: exactly one is right
  int failed = 0;
  bool rejected = false;

  [[nodiscard]] std::string header(std::string_view name) const;
  [[nodiscard]] bool has_header(std::string_view name) const;

  base::Result<std::size_t> read_body(std::span<char> into) override;
  void set_head(int code, std::string_view text, std::span<const HeaderView> fields) override;
  base::Result<std::size_t> write(std::string_view data) override;
  base::Result<> write_blocking(std::string_view data) override;
  void flush() override;
  base::Result<> send_file(int fd, std::uint64_t offset, std::uint64_t length) override;
  void finish(End how) override;
  void fail(int code) override;
  void reject() override;
  [[nodiscard]] bool head_sent() const noexcept override { return heads > 0; }
  [[nodiscard]] bool aborted() const noexcept override { return is_aborted; }

 private:
  std::size_t next_piece_ = 0;
  std::size_t piece_at_ = 0;
};

/// One request on its way; `bytes` keeps what the views of the message point to.
struct Request {
  std::string script;
  std::string group;
  std::string callable = "application";
  std::string body;
  daemon::BodyMode mode = daemon::BodyMode::none;
  std::int64_t body_length = 0;
  std::uint8_t flags = 0;
  std::uint64_t site_id = 0;  ///< 0: one per script and callable
  std::vector<std::pair<std::string, std::string>> site;
  std::vector<std::pair<std::string, std::string>> variables;

  Request& with(std::string name, std::string value) {
    variables.emplace_back(std::move(name), std::move(value));
    return *this;
  }
  Request& query(std::string value) { return with("QUERY_STRING", std::move(value)); }
  Request& with_body(std::string bytes) {
    body = std::move(bytes);
    mode = daemon::BodyMode::inline_;
    return *this;
  }
  Request& streamed(std::int64_t length) {
    mode = daemon::BodyMode::stream;
    body_length = length;
    return *this;
  }
  [[nodiscard]] std::string bytes() const;
};

class PythonTest : public ::testing::Test {
 protected:
  PythonTest();
  ~PythonTest() override;

  PythonSettings settings;
  /// Starts with `settings`; done by the first call of the others.
  Python& python();
  void stop() { python_.reset(); }

  /// A request thread: attached, with the GIL, for the length of the function.
  void on_thread(const std::function<void(RequestThread&)>& work, int id = 1);
  /// Runs one request on a thread of its own.
  Outcome run(const Request& request, FakeExchange& exchange);
  FakeExchange get(const Request& request);

  /// A script of tests/wsgi_apps.
  static Request app(std::string_view name);
  /// A script with this text, in a folder that goes with the test. Without a name: app.wsgi, then
  /// app2.wsgi ..., for a script that was loaded is not read again.
  Request script(std::string_view text, std::string_view name = {});
  void write_file(std::string_view name, std::string_view text) const;
  [[nodiscard]] std::string path(std::string_view name) const;
  /// Everything logged so far.
  [[nodiscard]] std::string log() const;

 private:
  std::string folder_;
  std::vector<std::string> texts_;  // of the scripts without a name
  std::unique_ptr<Python> python_;
};

/// Runs one request on an attached thread.
Outcome run_on(RequestThread& thread, const Request& request, FakeExchange& exchange);

}  // namespace appserver::wsgi::test
