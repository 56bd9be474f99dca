// SPDX-License-Identifier: Apache-2.0
#include "appserver/server/python_settings.hpp"

#include <algorithm>

namespace appserver::server {

namespace {

/// Scripts to load at process start: aliases that name both groups without %{ (wsgi-hosting 1.3),
/// each once.
std::vector<wsgi::Preload> preloads_of(const config::Model& model,
                                       const std::string& process_group) {
  std::vector<wsgi::Preload> out;
  for (const config::VirtualHost& host : model.hosts) {
    for (const config::ScriptAlias& alias : host.script_alias_list) {
      if (!alias.preload || alias.process_group != process_group) continue;
      wsgi::Preload preload{alias.to, *alias.application_group,
                            alias.callable_object.value_or("application")};
      const bool known = std::any_of(out.begin(), out.end(), [&](const wsgi::Preload& other) {
        return other.script == preload.script &&
               other.application_group == preload.application_group;
      });
      if (!known) out.push_back(std::move(preload));
    }
  }
  return out;
}

}  // namespace

wsgi::PythonSettings daemon_python_settings(const config::Model& model, std::size_t group,
                                            std::shared_ptr<base::observe::ErrorLog> log) {
  const config::DaemonGroup& options = model.groups[group];
  wsgi::PythonSettings settings;
  settings.process_group = options.name;
  settings.home = options.home;
  settings.python_home = options.python_home.empty() ? model.python_home : options.python_home;
  settings.python_path = options.python_path;
  settings.threads = options.threads;
  settings.maximum_processes = options.processes;
  settings.multiprocess = options.processes_written;
  settings.multithread = options.threads != 1;
  settings.run_once = options.threads == 1 && options.maximum_requests == 1;
  settings.log = std::move(log);
  settings.preloads = preloads_of(model, options.name);
  return settings;
}

wsgi::PythonSettings embedded_python_settings(const config::Model& model, unsigned fronts,
                                              std::shared_ptr<base::observe::ErrorLog> log) {
  wsgi::PythonSettings settings;
  settings.python_home = model.python_home;
  settings.python_path = model.python_path;
  settings.threads = model.embedded_threads;
  settings.maximum_processes = fronts;
  settings.multiprocess = fronts > 1;
  settings.multithread = model.embedded_threads != 1;
  settings.embedded = true;
  settings.log = std::move(log);
  settings.preloads = preloads_of(model, "");
  return settings;
}

}  // namespace appserver::server
