// SPDX-License-Identifier: Apache-2.0
// The image, built and run for real: the example, a folder with a wsgi.py, a configuration of one's
// own; always as an unprivileged user, on a read-only root, without a capability.
#include "tests/support/process.hpp"
#include "tests/support/servers.hpp"
#include "tests/support/temp_dir.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

namespace tests::integration {
namespace {

using support::Finished;
using support::TempDir;
using testing::HasSubstr;

const std::string kWork = std::string(GH_SOURCE_DIR) + "/build/image";

Finished podman(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "podman");
  return support::run(
      std::move(arguments),
      {.env = {{"CONTAINERS_CONF", kWork + "/containers.conf"}}, .cwd = {}, .input = {}});
}

std::string trimmed(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

/// A running container of the image; removed at the end.
class Container {
 public:
  explicit Container(std::vector<std::string> options, std::vector<std::string> command = {}) {
    std::vector<std::string> arguments{"run",
                                       "-d",
                                       "--read-only",
                                       "--cap-drop",
                                       "ALL",
                                       "--security-opt",
                                       "no-new-privileges",
                                       "-p",
                                       "127.0.0.1::8443",
                                       "-p",
                                       "127.0.0.1::8080"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    arguments.emplace_back("localhost/gatehouse:test");
    arguments.insert(arguments.end(), command.begin(), command.end());
    const Finished started = podman(arguments);
    if (started.status.code != 0) throw std::runtime_error(started.errors);
    id_ = trimmed(started.out);
  }
  ~Container() { (void)podman({"rm", "-f", "-v", "-t", "0", id_}); }
  Container(const Container&) = delete;
  Container& operator=(const Container&) = delete;

  [[nodiscard]] bool healthy() const {
    return support::eventually(
        [&] {
          return podman({"exec", id_, "gatehouse", "healthcheck"}).status.code == 0;
        },
        std::chrono::seconds(60));
  }
  [[nodiscard]] std::string logs() const {
    const Finished logs = podman({"logs", id_});
    return logs.out + logs.errors;
  }
  /// "BODY STATUS VERSION" of a GET.
  [[nodiscard]] std::string get(const std::string& path,
                                const std::string& scheme = "https") const {
    std::string address = trimmed(podman({"port", id_, scheme == "https" ? "8443" : "8080"}).out);
    return support::run({"curl", "-sk", "-w", " %{http_code} %{http_version}",
                         scheme + "://" + address + path})
        .out;
  }
  [[nodiscard]] const std::string& id() const { return id_; }

 private:
  std::string id_;
};

class Image : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    const Finished built =
        support::run({std::string(GH_SOURCE_DIR) + "/tests/integration/image/build", kWork}, {},
                     std::chrono::minutes(20));
    ASSERT_EQ(built.status.code, 0)
        << built.out.substr(built.out.size() > 5000 ? built.out.size() - 5000 : 0) << built.errors;
  }
};

TEST_F(Image, serves_the_example_and_stops_cleanly) {
  const Container container({});
  ASSERT_TRUE(container.healthy()) << container.logs();
  EXPECT_THAT(container.get("/"), AllOf(HasSubstr("The site is up"), HasSubstr(" 200 2")));
  EXPECT_THAT(container.get("/flask/facts"), HasSubstr("\"mod_wsgi.process_group\":\"clock\""));
  EXPECT_THAT(container.get("/static/style.css", "http"), HasSubstr(" 200 1.1"));
  EXPECT_EQ(trimmed(podman({"exec", container.id(), "id", "-u"}).out), "65532");
  EXPECT_THAT(podman({"top", container.id(), "capeff"}).out, testing::Not(HasSubstr("CAP_")))
      << "no capability";
  EXPECT_THAT(container.logs(), HasSubstr("GET / HTTP/")) << "access log on standard output";
  ASSERT_EQ(podman({"stop", "-t", "20", container.id()}).status.code, 0);
  EXPECT_EQ(trimmed(podman({"inspect", "-f", "{{.State.ExitCode}}", container.id()}).out), "0")
      << container.logs();
}

TEST_F(Image, serves_a_folder_with_a_wsgi_py) {
  const TempDir dir;
  dir.write("app/wsgi.py",
            "def application(environ, start_response):\n"
            "    start_response('200 OK', [('Content-Type', 'text/plain')])\n"
            "    return [b'my own, over ' + environ['wsgi.url_scheme'].encode()]\n");
  dir.write("app/static/a.txt", "a file");
  const Container container({"-v", dir.path("app") + ":/app:ro"});
  ASSERT_TRUE(container.healthy()) << container.logs();
  EXPECT_EQ(container.get("/any/path"), "my own, over https 200 2");
  EXPECT_EQ(container.get("/static/a.txt"), "a file 200 2");
}

TEST_F(Image, serves_a_configuration_of_ones_own) {
  const TempDir dir;
  dir.write("etc/site.conf",
            "<VirtualHost *:8080>\n  ServerName localhost\n  Alias /files/ /srv/files/\n"
            "  <Directory /srv/files>\n    Require all granted\n  </Directory>\n</VirtualHost>\n");
  dir.write("files/a.txt", "mine");
  const Container container(
      {"-v", dir.path("etc") + ":/etc/gatehouse:ro", "-v", dir.path("files") + ":/srv/files:ro"});
  ASSERT_TRUE(container.healthy()) << container.logs();
  EXPECT_EQ(container.get("/files/a.txt", "http"), "mine 200 1.1");
}

TEST_F(Image, reports_a_configuration_mistake_and_exits) {
  const TempDir dir;
  dir.write("etc/site.conf", "Listen 8080\nServerNam localhost\n");
  const Finished done =
      podman({"run", "--rm", "--read-only", "--cap-drop", "ALL", "-v",
              dir.path("etc") + ":/etc/gatehouse:ro", "localhost/gatehouse:test", "check"});
  EXPECT_EQ(done.status.code, 2);
  EXPECT_THAT(done.out + done.errors, HasSubstr("/etc/gatehouse/site.conf:2: ServerNam: "));
}

TEST_F(Image, says_what_it_is) {
  const std::string labels =
      podman({"inspect", "-f", "{{.Config.Labels}} {{.Config.User}}", "localhost/gatehouse:test"})
          .out;
  EXPECT_THAT(labels, AllOf(HasSubstr("org.opencontainers.image.licenses:Apache-2.0"),
                            HasSubstr("65532:65532")));
}

}  // namespace
}  // namespace tests::integration
