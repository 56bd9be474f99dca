// SPDX-License-Identifier: Apache-2.0
// gatehouse-appserver: reads the command line, nothing else.
#include "appserver/config/load.hpp"
#include "appserver/server/identity.hpp"
#include "appserver/server/supervisor.hpp"
#include "base/observe/admin_client.hpp"
#include "base/version.hpp"

#include <CLI/CLI.hpp>

#include <iostream>
#include <string>
#include <vector>

namespace {

constexpr int kConfigurationError = 2;
constexpr std::chrono::seconds kStatusPatience{5};
constexpr std::chrono::seconds kReloadPatience{120};  // pre-loaded applications may take their time

int load_and(const appserver::config::LoadInput& input, bool serve) {
  appserver::config::LoadResult loaded = appserver::config::load(input);
  for (const std::string& error : loaded.errors) std::cerr << error << '\n';
  if (!serve)
    for (const std::string& notice : loaded.notices) std::cout << notice << '\n';
  if (!loaded.model) return kConfigurationError;
  if (!serve) {
    std::cout << "Syntax OK\n";
    return loaded.notices.empty() ? 0 : 1;
  }
  return appserver::server::Supervisor(input).run(std::move(loaded.model));
}

int ask_admin(const std::string& address, const char* method, const char* path,
              std::chrono::milliseconds patience) {
  const auto endpoint = base::net::parse_endpoint(address);
  if (!endpoint) {
    std::cerr << "--admin " << address << ": " << endpoint.error().detail << '\n';
    return kConfigurationError;
  }
  const auto reply = base::observe::admin_request(*endpoint, method, path, patience);
  if (!reply) {
    std::cerr << "gatehouse-appserver at " << address << ": " << reply.error().detail << '\n';
    return EXIT_FAILURE;
  }
  (reply->status < 400 ? std::cout : std::cerr) << reply->body;
  if (!reply->body.empty() && reply->body.back() != '\n') std::cout << '\n';
  return reply->status < 400 ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  CLI::App app{
      "Runs Apache/mod_wsgi virtual hosts without Apache: static files and WSGI applications.",
      "gatehouse-appserver"};
  app.set_version_flag("--version",
                       std::string("gatehouse-appserver ") + std::string(base::kVersion));
  app.require_subcommand(1);

  appserver::config::LoadInput input;
  const auto add_input = [&input](CLI::App& command) {
    command.add_option("-f,--file", input.files, "Configuration file; repeat for more")->required();
    command.add_option("-D,--define", input.defines,
                       "Define NAME or NAME=value, for <IfDefine> and ${NAME}");
    command.add_option("-c,--directive", input.extra_lines, "A line read after the files");
  };
  CLI::App* run = app.add_subcommand("run", "Serve until SIGTERM");
  add_input(*run);
  CLI::App* check =
      app.add_subcommand("check", "Report every mistake of a configuration, with file and line");
  add_input(*check);
  bool markdown = false;
  CLI::App* directives =
      app.add_subcommand("directives", "List the directives that this program knows");
  directives->add_flag("--markdown", markdown, "As the reference documentation");
  std::string admin = "127.0.0.1:9117";
  CLI::App* status = app.add_subcommand("status", "Show what a running server does, as JSON");
  CLI::App* reload =
      app.add_subcommand("reload", "Make a running server read its configuration again");
  CLI::App* health = app.add_subcommand("healthcheck", "Exit 0 when a running server is ready");
  for (CLI::App* command : {status, reload, health})
    command->add_option("--admin", admin, "Address of its AdminListen")->capture_default_str();

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? 0 : kConfigurationError;
  }
  try {
    if (run->parsed()) {
      appserver::server::remember_title_memory(argc, argv);
      return load_and(input, true);
    }
    if (check->parsed()) return load_and(input, false);
    if (directives->parsed()) {
      using appserver::config::Markdown;
      appserver::config::print_directives(std::cout, markdown ? Markdown::yes : Markdown::no);
      return EXIT_SUCCESS;
    }
    if (status->parsed()) return ask_admin(admin, "GET", "/status.json", kStatusPatience);
    if (health->parsed()) return ask_admin(admin, "GET", "/readyz", kStatusPatience);
    return ask_admin(admin, "POST", "/reload", kReloadPatience);
  } catch (const std::exception& error) {
    std::cerr << "gatehouse-appserver: " << error.what() << '\n';
    return EXIT_FAILURE;
  }
}
