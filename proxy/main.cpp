// SPDX-License-Identifier: Apache-2.0
// gatehouse-proxy: reads the command line, nothing else.
#include "base/net/endpoint.hpp"
#include "base/observe/admin_client.hpp"
#include "base/version.hpp"
#include "proxy/config/load.hpp"
#include "proxy/server/generations.hpp"
#include "proxy/server/proxy_server.hpp"

#include <CLI/CLI.hpp>

#include <chrono>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

namespace {

constexpr int kConfigurationError = 2;
constexpr std::chrono::seconds kStatusPatience{5};
constexpr std::chrono::seconds kReloadPatience{30};

int check(const proxy::config::LoadInput& input) {
  proxy::config::LoadResult loaded = proxy::config::load(input);
  if (loaded.settings) loaded.errors = proxy::server::check_certificates(*loaded.settings);
  for (const std::string& error : loaded.errors) std::cerr << error << '\n';
  for (const std::string& notice : loaded.notices) std::cout << notice << '\n';
  if (!loaded.errors.empty()) return kConfigurationError;
  std::cout << "Syntax OK\n";
  return loaded.notices.empty() ? EXIT_SUCCESS : EXIT_FAILURE;
}

int run(const proxy::config::LoadInput& input) {
  proxy::config::LoadResult loaded = proxy::config::load(input);
  for (const std::string& error : loaded.errors) std::cerr << error << '\n';
  if (!loaded.settings) return kConfigurationError;
  return proxy::server::ProxyServer(input).run(std::move(loaded.settings));
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
    std::cerr << "gatehouse-proxy at " << address << ": " << reply.error().detail << '\n';
    return EXIT_FAILURE;
  }
  std::string text = reply->body;
  if (!text.empty() && text.back() != '\n') text += '\n';
  (reply->status < 400 ? std::cout : std::cerr) << text;
  return reply->status < 400 ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  CLI::App app{
      "Terminates TLS, speaks HTTP/1.1 and HTTP/2, and passes requests to gatehouse-appserver.",
      "gatehouse-proxy"};
  app.set_version_flag("--version", std::string("gatehouse-proxy ") + std::string(base::kVersion));
  app.require_subcommand(1);

  proxy::config::LoadInput input;
  const auto add_input = [&input](CLI::App& command) {
    command.add_option("-f,--file", input.files, "Configuration file; repeat for more")->required();
    command.add_option("-D,--define", input.defines,
                       "Define NAME or NAME=value, for <IfDefine> and ${NAME}");
    command.add_option("-c,--directive", input.extra_lines, "A line read after the files");
  };
  CLI::App* run_command = app.add_subcommand("run", "Serve until SIGTERM");
  add_input(*run_command);
  CLI::App* check_command =
      app.add_subcommand("check", "Report every mistake of a configuration, with file and line");
  add_input(*check_command);
  bool markdown = false;
  CLI::App* directives =
      app.add_subcommand("directives", "List the directives that this program knows");
  directives->add_flag("--markdown", markdown, "As the reference documentation");
  std::string admin = "127.0.0.1:9118";
  CLI::App* status = app.add_subcommand("status", "Show what a running proxy does, as JSON");
  CLI::App* reload =
      app.add_subcommand("reload", "Make a running proxy read its configuration again");
  CLI::App* health = app.add_subcommand("healthcheck", "Exit 0 when a running proxy is ready");
  for (CLI::App* command : {status, reload, health})
    command->add_option("--admin", admin, "Address of its AdminListen")->capture_default_str();

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? 0 : kConfigurationError;
  }
  try {
    if (run_command->parsed()) return run(input);
    if (check_command->parsed()) return check(input);
    if (directives->parsed()) {
      using proxy::config::Markdown;
      proxy::config::print_directives(std::cout, markdown ? Markdown::yes : Markdown::no);
      return EXIT_SUCCESS;
    }
    if (status->parsed()) return ask_admin(admin, "GET", "/status.json", kStatusPatience);
    if (health->parsed()) return ask_admin(admin, "GET", "/readyz", kStatusPatience);
    return ask_admin(admin, "POST", "/reload", kReloadPatience);
  } catch (const std::exception& error) {
    std::cerr << "gatehouse-proxy: " << error.what() << '\n';
    return EXIT_FAILURE;
  }
}
