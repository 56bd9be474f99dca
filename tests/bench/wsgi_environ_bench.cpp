// SPDX-License-Identifier: Apache-2.0
// What one request costs between message and exchange: hello and an upload-sized environ, in the
// embedded interpreter. The application itself (call, start_response's arguments, list) is measured
// apart, to be subtracted.
#include "appserver/daemon/request_message.hpp"
#include "appserver/wsgi/python.hpp"

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>

namespace {

using namespace appserver;

class NullExchange final : public wsgi::Exchange {
 public:
  base::Result<std::size_t> read_body(std::span<char>) override { return std::size_t{0}; }
  void set_head(int, std::string_view, std::span<const wsgi::HeaderView> headers) override {
    benchmark::DoNotOptimize(headers.size());
  }
  base::Result<std::size_t> write(std::string_view data) override { return data.size(); }
  base::Result<> write_blocking(std::string_view) override { return {}; }
  void flush() override {}
  base::Result<> send_file(int, std::uint64_t, std::uint64_t) override { return {}; }
  void finish(wsgi::End) override {}
  void fail(int) override { std::abort(); }
  void reject() override { std::abort(); }
  [[nodiscard]] bool head_sent() const noexcept override { return false; }
  [[nodiscard]] bool aborted() const noexcept override { return false; }
};

std::string make_message(std::string_view app, bool browser) {
  std::string site;
  daemon::VariableWriter constant(site);
  constant.add(daemon::Key::script_file,
               std::string(GH_SOURCE_DIR "/tests/wsgi_apps/").append(app).append(".wsgi"));
  for (const auto& [name, value] : {std::pair{"DOCUMENT_ROOT", "/var/www"},
                                    {"CONTEXT_PREFIX", ""},
                                    {"CONTEXT_DOCUMENT_ROOT", "/var/www"},
                                    {"SERVER_SOFTWARE", "Gatehouse"},
                                    {"SERVER_ADMIN", "admin@example.com"},
                                    {"SCRIPT_FILENAME", "/srv/app/hello.wsgi"},
                                    {"mod_wsgi.listener_host", ""},
                                    {"mod_wsgi.listener_port", "8080"}}) {
    constant.add(name, value);
  }
  std::string variables;
  daemon::VariableWriter writer(variables);
  for (const auto& [name, value] : {std::pair{"REQUEST_METHOD", "GET"},
                                    {"REQUEST_URI", "/some/path?x=1"},
                                    {"QUERY_STRING", "x=1"},
                                    {"SERVER_PROTOCOL", "HTTP/1.1"},
                                    {"SCRIPT_NAME", ""},
                                    {"PATH_INFO", "/some/path"},
                                    {"SERVER_NAME", "www.example.com"},
                                    {"SERVER_PORT", "80"},
                                    {"SERVER_ADDR", "127.0.0.1"},
                                    {"REQUEST_SCHEME", "http"},
                                    {"REMOTE_ADDR", "127.0.0.1"},
                                    {"REMOTE_PORT", "51234"},
                                    {"HTTP_HOST", "www.example.com"},
                                    {"mod_wsgi.script_name", ""},
                                    {"mod_wsgi.path_info", "/some/path"},
                                    {"mod_wsgi.request_id", "Zx81QmFzaWM"},
                                    {"mod_wsgi.connection_id", "Zx81"}}) {
    writer.add(name, value);
  }
  if (browser) {
    for (const auto& [name, value] :
         {std::pair{"HTTP_USER_AGENT", "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101"},
          {"HTTP_ACCEPT", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"},
          {"HTTP_ACCEPT_LANGUAGE", "en-GB,en;q=0.5"},
          {"HTTP_ACCEPT_ENCODING", "gzip, deflate, br"},
          {"HTTP_COOKIE", "sessionid=0123456789abcdef0123456789abcdef; csrftoken=0123456789abcdef"},
          {"HTTP_UPGRADE_INSECURE_REQUESTS", "1"},
          {"HTTP_SEC_FETCH_DEST", "document"},
          {"HTTP_SEC_FETCH_MODE", "navigate"},
          {"HTTP_SEC_FETCH_SITE", "none"}}) {
      writer.add(name, value);
    }
  }
  daemon::RequestFixed fixed;
  fixed.site_id = std::hash<std::string>{}(site);
  fixed.flags = daemon::kScriptReloading;
  fixed.site_bytes = static_cast<std::uint32_t>(site.size());
  fixed.variables_bytes = static_cast<std::uint32_t>(variables.size());
  std::string bytes(sizeof fixed, '\0');
  std::memcpy(bytes.data(), &fixed, sizeof fixed);
  return bytes + site + variables;
}

// One interpreter for all: started by the first, ended by the process.
wsgi::RequestThread& request_thread() {
  static const std::unique_ptr<wsgi::Python> python = [] {
    auto started = wsgi::Python::start({});
    if (!started) std::abort();
    return std::move(*started);
  }();
  static const std::unique_ptr<wsgi::RequestThread> thread = python->attach_thread(1);
  return *thread;
}

void run(benchmark::State& state, std::string_view app, bool browser) {
  const std::string bytes = make_message(app, browser);
  daemon::RequestMessage message;
  if (!daemon::split_message(bytes, message)) std::abort();
  NullExchange exchange;
  wsgi::RequestThread& thread = request_thread();
  thread.acquire();
  for (auto _ : state) {
    if (thread.run(message, exchange) != wsgi::Outcome::done) std::abort();
  }
  thread.release();
}

void hello(benchmark::State& state) {
  run(state, "hello", false);
}
void hello_from_a_browser(benchmark::State& state) {
  run(state, "hello", true);
}
void gil_is_free(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(wsgi::Python::gil_is_free());
}

BENCHMARK(hello);
BENCHMARK(hello_from_a_browser);
BENCHMARK(gil_is_free);

}  // namespace

BENCHMARK_MAIN();
