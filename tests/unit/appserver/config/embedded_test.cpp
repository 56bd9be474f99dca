// SPDX-License-Identifier: Apache-2.0
// Python goes into the fronts only when a script may resolve to no daemon group.
#include "appserver/config/load.hpp"

#include <gtest/gtest.h>

#include <string>

namespace appserver::config {
namespace {

struct Case {
  const char* name;
  const char* text;
  bool embedded;
};

TEST(UsesEmbedded, only_when_some_script_may_have_no_group) {
  const Case cases[] = {
      {"no script", "WSGIProcessGroup %{GLOBAL}", false},
      {"no group", "WSGIScriptAlias / /srv/a.wsgi", true},
      {"group of the server", "WSGIProcessGroup g\nWSGIScriptAlias / /srv/a.wsgi", false},
      {"explicitly embedded", "WSGIProcessGroup %{GLOBAL}\nWSGIScriptAlias / /srv/a.wsgi", true},
      {"group by variable", "WSGIProcessGroup %{ENV:G}\nWSGIScriptAlias / /srv/a.wsgi", true},
      {"group of the alias", "WSGIScriptAlias / /srv/a.wsgi process-group=g", false},
      {"embedded by the alias",
       "WSGIProcessGroup g\nWSGIScriptAlias / /srv/a.wsgi process-group=%{GLOBAL}", true},
      {"variable in the alias",
       "WSGIProcessGroup g\nWSGIScriptAlias / /srv/a.wsgi process-group=%{ENV:G}", true},
      {"one of two",
       "WSGIScriptAlias /a /srv/a.wsgi process-group=g\nWSGIScriptAlias /b /srv/b.wsgi", true},
      {"the script's folder",
       "WSGIScriptAlias / /srv/a.wsgi\n<Directory /srv>\nWSGIProcessGroup g\n</Directory>", false},
      {"with a slash",
       "WSGIScriptAlias / /srv/a.wsgi\n<Directory /srv/>\nWSGIProcessGroup g\n</Directory>", false},
      {"every folder",
       "WSGIScriptAlias / /srv/a.wsgi\n<Directory />\nWSGIProcessGroup g\n</Directory>", false},
      {"another folder",
       "WSGIScriptAlias / /srv/a.wsgi\n<Directory /opt>\nWSGIProcessGroup g\n</Directory>", true},
      {"a name that only begins alike",
       "WSGIScriptAlias / /srv2/a.wsgi\n<Directory /srv>\nWSGIProcessGroup g\n</Directory>", true},
      {"a glob may not match",
       "WSGIScriptAlias / /srv/a.wsgi\n<Directory /sr*>\nWSGIProcessGroup g\n</Directory>", true},
      {"a file in it may be another",
       "WSGIScriptAlias / /srv/a.wsgi\n<Directory /srv>\n<Files b.wsgi>\nWSGIProcessGroup "
       "g\n</Files>\n</Directory>",
       true},
      {"every URL", "WSGIScriptAlias /a /srv/a.wsgi\n<Location />\nWSGIProcessGroup g\n</Location>",
       false},
      {"the URL of the alias",
       "WSGIScriptAlias /a /srv/a.wsgi\n<Location /a>\nWSGIProcessGroup g\n</Location>", false},
      {"a part of the URLs",
       "WSGIScriptAlias / /srv/a.wsgi\n<Location /a>\nWSGIProcessGroup g\n</Location>", true},
      {"a part of the URLs embedded",
       "WSGIProcessGroup g\nWSGIScriptAlias / /srv/a.wsgi\n<Location /a>\nWSGIProcessGroup "
       "%{GLOBAL}\n</Location>",
       true},
      {"URLs that are not the alias's embedded",
       "WSGIProcessGroup g\nWSGIScriptAlias /b /srv/a.wsgi\n<Location /a>\nWSGIProcessGroup "
       "%{GLOBAL}\n</Location>",
       false},
      {"an expression may match",
       "WSGIProcessGroup g\nWSGIScriptAlias /b /srv/a.wsgi\n<LocationMatch x>\nWSGIProcessGroup "
       "%{GLOBAL}\n</LocationMatch>",
       true},
      {"folders are unsure for expressions",
       "WSGIScriptAliasMatch ^/(x) /srv/$1.wsgi\n<Directory /srv>\nWSGIProcessGroup "
       "g\n</Directory>",
       true},
      {"a folder of scripts",
       "WSGIScriptAlias /s/ /srv/\n<Directory /srv/in>\nWSGIProcessGroup g\n</Directory>", true},
      {"a host inherits",
       "WSGIProcessGroup g\n<VirtualHost *:80>\nWSGIScriptAlias / /srv/a.wsgi\n</VirtualHost>",
       false},
      {"an inherited alias in a host",
       "WSGIScriptAlias / /srv/a.wsgi\nWSGIProcessGroup g\n<VirtualHost *:80>\nWSGIProcessGroup "
       "%{GLOBAL}\n</VirtualHost>",
       true},
  };
  for (const Case& c : cases) {
    const auto result = load({{}, {}, {c.text}, true});
    ASSERT_TRUE(result.model) << c.name << ": "
                              << (result.errors.empty() ? "" : result.errors.front());
    EXPECT_EQ(result.model->uses_embedded, c.embedded) << c.name;
  }
}

}  // namespace
}  // namespace appserver::config
