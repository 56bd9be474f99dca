// SPDX-License-Identifier: Apache-2.0
// `gatehouse up` as its user meets it: the example site over HTTPS and HTTP/2, with curl and with a
// browser, and a clean end on Ctrl-C.
#include "tests/support/proc.hpp"
#include "tests/support/process.hpp"
#include "tests/support/servers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <csignal>
#include <filesystem>
#include <regex>
#include <sys/socket.h>

namespace tests::integration {
namespace {

using support::ExitStatus;
using support::Finished;
using support::Process;
using support::TempDir;
using testing::HasSubstr;

/// A port that nobody had a moment ago. `gatehouse up` takes numbers: its virtual hosts are told
/// apart by them.
std::string unused_port() {
  const base::Fd probe(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  socklen_t size = sizeof address;
  EXPECT_EQ(::bind(probe.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(::getsockname(probe.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
  return std::to_string(ntohs(address.sin6_port));
}

class Up : public testing::Test {
 protected:
  Up()
      : https_(unused_port()),
        up_({std::string(GH_SOURCE_DIR) + "/gatehouse", "up", "--https-port", https_, "--http-port",
             unused_port(), "--admin-port", admin_},
            {.env = {{"GATEHOUSE_BIN", GH_BIN_DIR},
                     {"GATEHOUSE_RUN", dir_.path("run")},
                     {"GUESTBOOK_DATA", dir_.path("data")}},
             .cwd = {},
             .input = {}}) {}
  void SetUp() override {
    ASSERT_TRUE(up_.wait_for("Ctrl-C", std::chrono::seconds(60))) << all_output();
  }

  std::string all_output() {
    std::string out = up_.out() + up_.errors();
    for (const char* name : {"run/appserver.log", "run/proxy.log"})
      if (std::filesystem::exists(dir_.path(name))) out += support::read_file(dir_.path(name));
    return out;
  }
  [[nodiscard]] std::string url(const std::string& path) const {
    return "https://localhost:" + https_ + path;
  }
  /// curl with a cookie jar, trusting the made certificate alone; "BODY STATUS VERSION".
  std::string curl(std::vector<std::string> arguments) {
    std::vector<std::string> command{
        "curl",     "-sS",
        "--cacert", std::string(GH_SOURCE_DIR) + "/build/dev-cert/cert.pem",
        "-b",       dir_.path("jar"),
        "-c",       dir_.path("jar"),
        "-w",       " %{http_code} %{http_version}"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    const Finished done = support::run(command);
    EXPECT_EQ(done.status.code, 0) << done.errors;
    return done.out;
  }
  std::string csrf_token() {
    const std::string page = curl({url("/")});
    std::smatch found;
    EXPECT_TRUE(
        std::regex_search(page, found, std::regex("csrfmiddlewaretoken\" value=\"([^\"]+)\"")))
        << page;
    return found.empty() ? "" : found[1].str();
  }

  TempDir dir_;
  std::string admin_ = unused_port();
  std::string https_;
  Process up_;
};

TEST_F(Up, serves_both_applications_and_files_over_http2_and_stops_cleanly) {
  EXPECT_THAT(curl({url("/")}), AllOf(HasSubstr("The site is up"), HasSubstr(" 200 2")));
  EXPECT_THAT(curl({"--http1.1", url("/")}), HasSubstr(" 200 1.1"));
  EXPECT_THAT(curl({url("/static/style.css")}), AllOf(HasSubstr("--brand"), HasSubstr(" 200 2")));
  EXPECT_THAT(
      curl({url("/flask/facts")}),
      AllOf(HasSubstr("\"mod_wsgi.process_group\":\"clock\""),
            HasSubstr("\"wsgi.url_scheme\":\"https\""), HasSubstr("\"SCRIPT_NAME\":\"/flask\""),
            HasSubstr("\"url\":\"" + url("/flask/facts") + "\"")));
  const std::vector<pid_t> children = up_.children();
  EXPECT_GE(children.size(), 8U)
      << "two keepers, the proxy, the supervisor, fronts, admin, three daemons";
  up_.signal(SIGINT);
  EXPECT_EQ(up_.wait(), (ExitStatus{0, 0})) << all_output();
  for (const pid_t pid : children) EXPECT_EQ(support::command_line(pid), "") << "left behind";
}

TEST_F(Up, takes_a_form_and_an_upload) {
  const std::string token = csrf_token();
  EXPECT_THAT(curl({"-e", url("/"), "--data-urlencode", "csrfmiddlewaretoken=" + token, "-d",
                    "name=Ada", "-d", "message=by+post", url("/sign")}),
              HasSubstr(" 302 2"));
  EXPECT_THAT(curl({url("/")}), HasSubstr("by post"));
  const std::string file = dir_.write("file.bin", std::string(3 << 20, 'f'));
  EXPECT_THAT(curl({"-e", url("/"), "-F", "csrfmiddlewaretoken=" + token, "-F", "file=@" + file,
                    url("/upload")}),
              HasSubstr("<dd>3145728</dd>"));
  EXPECT_THAT(curl({"-d", "name=x", "-d", "message=y", url("/sign")}), HasSubstr(" 403 2"))
      << "no token";
}

TEST_F(Up, is_shown_by_a_browser_over_http2) {
  const std::string picture = std::string(GH_BIN_DIR) + "/../site.png";
  std::filesystem::remove(picture);
  const std::vector<std::string> browser{"chromium",
                                         "--headless",
                                         "--no-sandbox",
                                         "--disable-gpu",
                                         "--hide-scrollbars",
                                         "--ignore-certificate-errors",
                                         "--user-data-dir=" + dir_.path("profile")};
  std::vector<std::string> dump = browser;
  dump.insert(dump.end(), {"--virtual-time-budget=5000", "--dump-dom", url("/")});
  EXPECT_THAT(support::run(dump).out, HasSubstr("HTTPS \xc2\xb7 HTTP/2"));
  std::vector<std::string> shot = browser;
  shot.insert(shot.end(), {"--window-size=1200,560", "--screenshot=" + picture, url("/")});
  EXPECT_EQ(support::run(shot).status.code, 0);
  EXPECT_GT(std::filesystem::file_size(picture), 10'000U);
}

TEST_F(Up, ends_when_one_of_the_programs_does) {
  pid_t proxy = 0;
  for (const pid_t pid : up_.children())
    if (support::thread_name(pid) == "gatehouse-proxy") proxy = pid;
  ASSERT_NE(proxy, 0);
  ASSERT_EQ(::kill(proxy, SIGKILL), 0);
  EXPECT_EQ(up_.wait(), (ExitStatus{1, 0}));
  EXPECT_THAT(up_.errors(), HasSubstr("the proxy ended with status 137"));
}

TEST_F(Up, says_that_a_port_is_taken) {
  const Finished second =
      support::run({std::string(GH_SOURCE_DIR) + "/gatehouse", "up", "--https-port", https_},
                   {.env = {{"GATEHOUSE_BIN", GH_BIN_DIR}, {"GATEHOUSE_RUN", dir_.path("second")}},
                    .cwd = {},
                    .input = {}});
  EXPECT_EQ(second.status.code, 1);
  EXPECT_THAT(
      second.errors,
      HasSubstr("port " + https_ + " is taken by another program; choose one with --https-port"));
}

}  // namespace
}  // namespace tests::integration
