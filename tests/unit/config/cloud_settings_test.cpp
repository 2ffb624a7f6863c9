// The clouds.yaml loader against the real openstacksdk, and the rules that are ours.
#include "config/cloud_settings.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "scratch.hpp"

namespace tidepool {
namespace {

using Variables = std::map<std::string, std::string>;

Environment environment(Variables variables) {
  return [variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
    const auto it = variables.find(name);
    if (it == variables.end()) return std::nullopt;
    return it->second;
  };
}

constexpr const char* kClouds = R"(
x-base: &base
  auth_url: https://base/v3
  username: baseuser
clouds:
  plain:
    region_name: R1
    interface: internal
    auth: {auth_url: https://a/v3, username: u, password: p, project_name: t, user_domain_name: d1,
      project_domain_name: d2}
  both:
    auth: {auth_url: https://a/v3, username: in-auth, password: p, project_name: in-auth,
      project_id: pid, user_domain_name: d1, project_domain_name: d1}
    username: top
    project_name: top
  dashes:
    auth: {auth-url: https://a/v3, username: u, password: p, project-name: pn, user-domain-name: d1,
      project-domain-id: d2}
  old-words:
    auth: {auth_url: https://a/v3, username: u, password: p, tenant_name: t, domain_name: dd}
    endpoint_type: internalURL
  merged:
    auth: {<<: *base, password: p, project_id: x, user_domain_id: default}
    verify: false
  insecure:
    auth: {auth_url: https://a/v3, username: u, password: p, project_name: t, domain_id: default}
    insecure: true
    verify: true
    cacert: /tmp/ca.pem
    compute_endpoint_override: http://c/
    compute_default_microversion: "2.79"
  application:
    auth_type: v3applicationcredential
    auth: {auth_url: https://a/v3, application_credential_id: i, application_credential_secret: s}
  token:
    auth_type: v3token
    auth: {auth_url: https://a/v3, token: s, project_name: p, project_domain_name: D}
  token-on-top:
    auth_type: token
    auth: {auth_url: https://a/v3, project_name: p, project_domain_name: D}
    token: s
  all-on-top:
    auth_url: https://a/v3
    username: u
    password: p
    project_name: t
    domain_id: default
  regions:
    auth: {auth_url: https://a/v3, username: u, password: p, project_name: t, domain_id: default}
    regions: [R5, R6]
  from-secure:
    auth: {auth_url: https://a/v3, username: u, project_name: t, domain_id: default}
)";
constexpr const char* kSecure = "clouds:\n  from-secure: {auth: {password: hidden}}\n";

constexpr const char* kOracle = R"(
import json, sys, warnings
warnings.simplefilter('ignore')
import openstack.config, openstack.version
c = openstack.config.OpenStackConfig(config_files=[sys.argv[1]], secure_files=[sys.argv[2]],
                                     load_envvars=False)
out = {}
for name in c.get_cloud_names():
    r = c.get_one(name)
    out[name] = {k: str(v) for k, v in r.config['auth'].items()}
    out[name].update(
        auth_type=r.config['auth_type'], region_name=r.region_name or '',
        interface=r.get_interface().replace('URL', ''),
        verify=str(r.get_requests_verify_args()[0] is not False),
        compute_endpoint_override=r.get_endpoint('compute') or '',
        compute_default_microversion=r.get_default_microversion('compute') or '')
print(json.dumps({'version': openstack.version.__version__, 'clouds': out}))
)";

std::map<std::string, std::string> as_words(const CloudSettings& c) {
  const auto at = [](const auto& map) { return map.contains("compute") ? map.at("compute") : ""; };
  return {{"auth_url", c.auth_url},
          {"username", c.username},
          {"password", c.password.reveal()},
          {"token", c.token.reveal()},
          {"project_id", c.project_id},
          {"project_name", c.project_name},
          {"user_domain_id", c.user_domain_id},
          {"user_domain_name", c.user_domain_name},
          {"project_domain_id", c.project_domain_id},
          {"project_domain_name", c.project_domain_name},
          {"application_credential_id", c.application_credential_id},
          {"application_credential_secret", c.application_credential_secret.reveal()},
          {"region_name", c.region_name},
          {"interface", c.interface},
          {"verify", c.verify ? "True" : "False"},
          {"compute_endpoint_override", at(c.endpoint_override)},
          {"compute_default_microversion", at(c.default_microversion)}};
}

TEST(CloudSettings, ReadAsOpenstacksdkReads) {
  if (std::system("/usr/bin/python3 -c 'import openstack.config' 2>/dev/null") != 0)
    GTEST_SKIP() << "no openstacksdk here";
  Scratch scratch;
  const auto clouds = scratch.write("clouds.yaml", kClouds);
  const auto secure = scratch.write("secure.yaml", kSecure);
  const auto script = scratch.write("oracle.py", kOracle);
  FILE* pipe = ::popen(
      ("/usr/bin/python3 " + script.string() + " " + clouds.string() + " " + secure.string())
          .c_str(),
      "r");
  ASSERT_NE(pipe, nullptr);
  std::string text;
  char buffer[4096];
  while (std::size_t n = std::fread(buffer, 1, sizeof buffer, pipe)) text.append(buffer, n);
  ASSERT_EQ(::pclose(pipe), 0) << text;
  const auto answer = nlohmann::json::parse(text);
  const auto& sdk = answer.at("clouds");
  ASSERT_EQ(sdk.size(), 12u);
  // Two answers changed between Debian 12's openstacksdk (0.101) and Debian 13's (4.4): a value
  // both on top and in auth is taken from the top, and a v3token in auth is not shown. The older
  // reading stays ours: it is that of the clouds.yaml files there are.
  const bool newer = std::stoi(answer.at("version").get<std::string>()) >= 4;
  const std::set<std::string> changed{"both project_name", "token token"};
  for (const auto& [name, values] : sdk.items()) {
    std::vector<Diagnostic> notes;
    const auto ours = load_cloud({clouds, name, false}, environment({}), notes);
    ASSERT_TRUE(ours) << ours.error().message;
    for (const auto& [key, value] : as_words(*ours))
      if (!newer || !changed.contains(name + " " + key)) {
        EXPECT_EQ(value, values.value(key, "")) << name << ": " << key;
      }
    const auto type = values.at("auth_type").get<std::string>();
    EXPECT_EQ(ours->auth_type == AuthType::application_credential,
              type == "v3applicationcredential");
    EXPECT_EQ(ours->auth_type == AuthType::token, type.ends_with("token"));
  }
}

constexpr const char* kOne =
    "clouds: {one: {auth: {auth_url: u, username: n, password: p, project_name: t}}}\n";
constexpr const char* kTwo =
    "clouds:\n  a: {auth: {auth_url: ua, username: n, password: p, project_name: t}}\n"
    "  b: {auth: {auth_url: ub, username: n, password: p, project_name: t}}\n";

TEST(CloudSettings, ChoosesTheCloud) {
  Scratch scratch;
  const auto one = scratch.write("one.yaml", kOne), two = scratch.write("two.yaml", kTwo);
  std::vector<Diagnostic> notes;
  EXPECT_EQ(load_cloud({one, "", false}, environment({}), notes)->name, "one");
  EXPECT_EQ(load_cloud({two, "b", false}, environment({{"OS_CLOUD", "a"}}), notes)->auth_url, "ub");
  EXPECT_EQ(load_cloud({two, "", false}, environment({{"OS_CLOUD", "a"}}), notes)->auth_url, "ua");
  const auto unclear = load_cloud({two, "", false}, environment({}), notes);
  ASSERT_FALSE(unclear);
  EXPECT_NE(unclear.error().message.find("has several clouds"), std::string::npos);
  const auto unknown = load_cloud({two, "c", false}, environment({}), notes);
  ASSERT_FALSE(unknown);
  EXPECT_NE(unknown.error().message.find("no cloud 'c'; there are: a, b"), std::string::npos);
}

TEST(CloudSettings, LooksInTheUsualPlaces) {
  Scratch scratch;
  const auto named = scratch.write("named.yaml", kOne);
  scratch.write("home/.config/openstack/clouds.yaml", kTwo);
  const auto home = scratch.path("home").string();
  std::vector<Diagnostic> notes;
  const auto first =
      load_cloud({{}, "", false},
                 environment({{"HOME", home}, {"OS_CLIENT_CONFIG_FILE", named.string()}}), notes);
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first->name, "one");
  EXPECT_EQ(load_cloud({{}, "b", false}, environment({{"HOME", home}}), notes)->auth_url, "ub");
}

TEST(CloudSettings, EnvironmentIsForNoCloudNamed) {
  Scratch scratch;
  scratch.write(".config/openstack/clouds.yaml", kTwo);
  const Variables credentials{{"HOME", scratch.path().string()},
                              {"OS_AUTH_URL", "https://e"},
                              {"OS_USERNAME", "eu"},
                              {"OS_PASSWORD", "ep"},
                              {"OS_PROJECT_NAME", "et"},
                              {"OS_REGION_NAME", "er"}};
  std::vector<Diagnostic> notes;
  const auto plain = load_cloud({{}, "", false}, environment(credentials), notes);
  ASSERT_TRUE(plain) << plain.error().message;
  EXPECT_EQ(plain->auth_url, "https://e");
  EXPECT_EQ(plain->region_name, "er");
  // A named cloud wins whole: no other OS_* gets in.
  auto with_cloud = credentials;
  with_cloud["OS_CLOUD"] = "a";
  const auto named = load_cloud({{}, "", false}, environment(with_cloud), notes);
  ASSERT_TRUE(named) << named.error().message;
  EXPECT_EQ(named->auth_url, "ua");
  EXPECT_EQ(named->region_name, "");
}

TEST(CloudSettings, OthersMayNotReadCredentials) {
  Scratch scratch;
  const auto open = scratch.write("open.yaml", kOne, 0644);
  const auto closed = scratch.write("closed.yaml", kOne, 0600);
  std::vector<Diagnostic> notes;
  // 0640 root:slurm is how packages leave it.
  const auto group = scratch.write("group.yaml", kOne, 0640);
  EXPECT_TRUE(load_cloud({closed, "", true}, environment({}), notes));
  EXPECT_TRUE(load_cloud({group, "", true}, environment({}), notes));
  EXPECT_TRUE(notes.empty());
  EXPECT_TRUE(load_cloud({open, "", false}, environment({}), notes));
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_EQ(notes[0].severity, Severity::warning);
  const auto strict = load_cloud({open, "", true}, environment({}), notes);
  ASSERT_FALSE(strict);
  EXPECT_NE(strict.error().message.find("mode 0644"), std::string::npos) << strict.error().message;
}

TEST(CloudSettings, RefusesBrokenFiles) {
  Scratch scratch;
  std::string bomb = "clouds:\n  a: {l0: &l0 {x: 1}\n";
  for (int i = 1; i < 40; ++i) {
    const auto before = std::to_string(i - 1), now = std::to_string(i);
    bomb += "    , l" + now + ": &l" + now + " {x: *l" + before + ", y: *l" + before + "}\n";
  }
  bomb += "  }\n";
  for (const auto& [text, words] : std::initializer_list<std::pair<std::string, const char*>>{
           {"clouds: {a: [}\n", ":1:"},
           {"cloud: {}\n", "has no 'clouds:' mapping"},
           {bomb, "aliases that stand for too much"},
           {"clouds: {a: {auth_type: v3oidcpassword, auth: {auth_url: u}}}\n", "is not supported"},
           {"clouds: {a: {auth: {auth_url: u, username: n, project_name: t}}}\n",
            "auth.password is missing"},
           {"clouds: {a: {auth: {username: n, password: geheim}}}\n",
            "auth.auth_url is missing"}}) {
    std::vector<Diagnostic> notes;
    const auto bad = load_cloud({scratch.write("c.yaml", text), "", false}, environment({}), notes);
    ASSERT_FALSE(bad) << text;
    EXPECT_NE(bad.error().message.find(words), std::string::npos) << bad.error().message;
    EXPECT_EQ(bad.error().message.find("geheim"), std::string::npos);
  }
}

}  // namespace
}  // namespace tidepool
