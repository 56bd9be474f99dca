// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/appserver/wsgi/fixture.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <strings.h>
#include <unistd.h>

namespace appserver::wsgi::test {

std::string FakeExchange::header(std::string_view name) const {
  for (const auto& [n, v] : headers) {
    if (n.size() == name.size() && strncasecmp(n.data(), name.data(), n.size()) == 0) return v;
  }
  return "(none)";
}

bool FakeExchange::has_header(std::string_view name) const {
  return header(name) != "(none)";
}

base::Result<std::size_t> FakeExchange::read_body(std::span<char> into) {
  ++reads;
  EXPECT_EQ(ends, 0) << "read after the end";
  if (on_read) on_read();
  if (next_piece_ == body_pieces.size()) {
    if (body_error) return base::fail(*body_error);
    return std::size_t{0};
  }
  const std::string& piece = body_pieces[next_piece_];
  const std::size_t n = std::min(into.size(), piece.size() - piece_at_);
  std::copy_n(piece.data() + piece_at_, n, into.data());
  piece_at_ += n;
  if (piece_at_ == piece.size()) {
    ++next_piece_;
    piece_at_ = 0;
  }
  return n;
}

void FakeExchange::set_head(int code, std::string_view text, std::span<const HeaderView> fields) {
  ++heads;
  EXPECT_EQ(ends, 0);
  status = code;
  reason = text;
  for (const HeaderView& field : fields) headers.emplace_back(field.name, field.value);
}

base::Result<std::size_t> FakeExchange::write(std::string_view data) {
  EXPECT_EQ(heads, 1);
  EXPECT_EQ(ends, 0);
  EXPECT_FALSE(data.empty());
  if (body.size() >= gone_after) return base::fail(base::ErrorCode::peer_closed, "gone");
  const std::size_t n = std::min(data.size(), take_at_most);
  body.append(data.substr(0, n));
  return n;
}

base::Result<> FakeExchange::write_blocking(std::string_view data) {
  ++blocking_writes;
  EXPECT_FALSE(data.empty());
  if (body.size() + data.size() > gone_after) {
    return base::fail(base::ErrorCode::peer_closed, "gone");
  }
  body.append(data);
  return {};
}

void FakeExchange::flush() {
  EXPECT_EQ(ends, 0);
  flushed_at.push_back(body.size());
}

base::Result<> FakeExchange::send_file(int fd, std::uint64_t offset, std::uint64_t length) {
  EXPECT_EQ(heads, 1);
  file = File{offset, length};
  body.resize(length);
  const ssize_t n = ::pread(fd, body.data(), length, static_cast<off_t>(offset));
  body.resize(n < 0 ? 0 : static_cast<std::size_t>(n));
  return {};
}

void FakeExchange::finish(End how) {
  ++ends;
  end = how;
}

void FakeExchange::fail(int code) {
  ++ends;
  EXPECT_EQ(heads, 0) << "an error page after the head";
  failed = code;
}

void FakeExchange::reject() {
  ++ends;
  rejected = true;
}

std::string Request::bytes() const {
  std::string site_block;
  daemon::VariableWriter site_writer(site_block);
  site_writer.add(daemon::Key::script_file, script);
  site_writer.add(daemon::Key::callable_object, callable);
  for (const auto& [name, value] : site) site_writer.add(name, value);
  std::string variable_block;
  daemon::VariableWriter writer(variable_block);
  const auto given = [this](std::string_view name) {
    return std::any_of(variables.begin(), variables.end(),
                       [name](const auto& v) { return v.first == name; });
  };
  // What wsgiref.validate wants in every environ.
  for (const auto& [name, value] : {std::pair<const char*, const char*>{"REQUEST_METHOD", "GET"},
                                    {"SCRIPT_NAME", ""},
                                    {"PATH_INFO", "/"},
                                    {"QUERY_STRING", ""},
                                    {"SERVER_NAME", "example.com"},
                                    {"SERVER_PORT", "80"},
                                    {"SERVER_PROTOCOL", "HTTP/1.1"}}) {
    if (!given(name)) writer.add(name, value);
  }
  for (const auto& [name, value] : variables) writer.add(name, value);
  daemon::RequestFixed fixed;
  fixed.site_id = site_id != 0 ? site_id : std::hash<std::string>{}(site_block) | 1U;
  fixed.request_start_us = 1'700'000'000'250'000;
  fixed.queue_start_us = 1'700'000'000'500'000;
  fixed.body_length =
      mode == daemon::BodyMode::inline_ ? static_cast<std::int64_t>(body.size()) : body_length;
  fixed.site_bytes = static_cast<std::uint32_t>(site_block.size());
  fixed.variables_bytes = static_cast<std::uint32_t>(variable_block.size());
  fixed.inline_body_bytes = static_cast<std::uint32_t>(body.size());
  fixed.application_group_bytes = static_cast<std::uint32_t>(group.size());
  fixed.body = mode;
  fixed.flags = flags;
  std::string out(sizeof fixed, '\0');
  std::memcpy(out.data(), &fixed, sizeof fixed);
  return out + site_block + variable_block + group + body;
}

Outcome run_on(RequestThread& thread, const Request& request, FakeExchange& exchange) {
  const std::string bytes = request.bytes();
  daemon::RequestMessage message;
  EXPECT_TRUE(daemon::split_message(bytes, message));
  const Outcome outcome = thread.run(message, exchange);
  EXPECT_EQ(exchange.ends, 1) << "an exchange ends exactly once";
  return outcome;
}

PythonTest::PythonTest() {
  char name[] = "/tmp/gatehouse-wsgi-XXXXXX";
  folder_ = ::mkdtemp(name);
  auto log = base::observe::ErrorLog::open({path("log"), base::observe::LogLevel::trace8});
  EXPECT_TRUE(log) << log.error().detail;
  settings.log = *log;
  settings.process_group = "site";
}

PythonTest::~PythonTest() {
  python_.reset();
  std::filesystem::remove_all(folder_);
}

Python& PythonTest::python() {
  if (!python_) {
    auto started = Python::start(settings);
    if (!started) {
      ADD_FAILURE() << started.error().detail;
      std::abort();  // nothing can go on without an interpreter
    }
    python_ = std::move(*started);
  }
  return *python_;
}

void PythonTest::on_thread(const std::function<void(RequestThread&)>& work, int id) {
  Python& interpreter = python();
  std::thread([&] {
    const std::unique_ptr<RequestThread> thread = interpreter.attach_thread(id);
    thread->acquire();
    work(*thread);
    thread->release();
  }).join();
}

Outcome PythonTest::run(const Request& request, FakeExchange& exchange) {
  Outcome outcome{};
  on_thread([&](RequestThread& thread) { outcome = run_on(thread, request, exchange); });
  return outcome;
}

FakeExchange PythonTest::get(const Request& request) {
  FakeExchange exchange;
  EXPECT_EQ(run(request, exchange), Outcome::done);
  return exchange;
}

Request PythonTest::app(std::string_view name) {
  Request request;
  request.script = std::string(GH_SOURCE_DIR "/tests/wsgi_apps/").append(name).append(".wsgi");
  return request;
}

Request PythonTest::script(std::string_view text, std::string_view name) {
  std::string file(name);
  if (file.empty()) {
    auto known = std::find(texts_.begin(), texts_.end(), text);
    if (known == texts_.end()) known = texts_.insert(texts_.end(), std::string(text));
    const auto number = known - texts_.begin() + 1;
    file = number == 1 ? "app.wsgi" : "app" + std::to_string(number) + ".wsgi";
  }
  write_file(file, text);
  Request request;
  request.script = path(file);
  return request;
}

void PythonTest::write_file(std::string_view name, std::string_view text) const {
  std::ofstream(path(name), std::ios::binary) << text;
}

std::string PythonTest::path(std::string_view name) const {
  return folder_ + "/" + std::string(name);
}

std::string PythonTest::log() const {
  std::ifstream in(path("log"));
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

}  // namespace appserver::wsgi::test
