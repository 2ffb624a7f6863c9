#include "config/user_data.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <sstream>

#include "config/guest_script.hpp"
#include "scratch.hpp"

namespace tidepool {
namespace {

UserDataRequest node_request() {
  UserDataRequest r;
  r.node = "osg-001";
  r.dns = {"10.0.0.2", "10.0.0.3"};
  r.conf_server = "ctl:6817";
  return r;
}

TEST(UserData, TellsTheNodeWhoItIs) {
  const auto text = build_user_data(node_request());
  ASSERT_TRUE(text) << text.error().message;
  EXPECT_TRUE(text->starts_with("#cloud-config\nhostname: osg-001\n"));
  for (const char* words :
       {"path: /etc/resolv.conf", "      nameserver 10.0.0.2\n      nameserver 10.0.0.3\n",
        "path: /etc/default/slurmd", "path: /etc/sysconfig/slurmd",
        "SLURMD_OPTIONS=\"--conf-server ctl:6817 -N osg-001 -b\""})
    EXPECT_NE(text->find(words), std::string::npos) << words << "\n" << *text;
  EXPECT_EQ(text->find("munge"), std::string::npos);
}

TEST(UserData, ADynamicNodeDoesNotLookForItselfInSlurmConf) {
  auto r = node_request();
  r.dynamic = true;
  const auto text = build_user_data(r);
  ASSERT_TRUE(text);
  EXPECT_NE(text->find("SLURMD_OPTIONS=\"--conf-server ctl:6817 -Z -N osg-001 -b\""),
            std::string::npos)
      << *text;
}

TEST(UserData, SitesPartIsAnotherOfItsKind) {
  auto r = node_request();
  for (const auto& [own, type] : std::initializer_list<std::pair<const char*, const char*>>{
           {"#cloud-config\nruncmd: [a]\n", "text/cloud-config"},
           {"#!/bin/sh\n", "text/x-shellscript"},
           {"## template: jinja\n#cloud-config\n", "text/jinja2"}}) {
    r.own = own;
    const auto text = build_user_data(r);
    ASSERT_TRUE(text) << text.error().message;
    EXPECT_TRUE(
        text->starts_with("Content-Type: multipart/mixed; boundary=\"==tidepool-part==\"\n"));
    EXPECT_NE(text->find(std::string("Content-Type: ") + type + "; charset=\"utf-8\""),
              std::string::npos);
    EXPECT_NE(text->find(std::string("\n\n") + own), std::string::npos);
    EXPECT_TRUE(text->ends_with("--==tidepool-part==--\n"));
  }
  r.own = "#!/bin/sh\n# --==tidepool-part==--\n";  // a boundary that a part has inside is not one
  EXPECT_TRUE(build_user_data(r)->ends_with("--==tidepool-part===--\n"));
}

TEST(UserData, RefusesWhatWouldNotStayWhereItBelongs) {
  const auto refused = [](auto change, const char* words) {
    auto r = node_request();
    change(r);
    const auto text = build_user_data(r);
    ASSERT_FALSE(text) << *text;
    EXPECT_NE(text.error().message.find(words), std::string::npos) << text.error().message;
  };
  refused([](auto& r) { r.node = "a\" b"; }, "is not a node name");
  refused([](auto& r) { r.node = ""; }, "is not a node name");
  refused([](auto& r) { r.conf_server = "ctl\nUser=root"; }, "is not HOST[:PORT]");
  refused([](auto& r) { r.dns = {"10.0.0.1\nsearch evil"}; }, "is not a name server");
  refused([](auto& r) { r.slurm_conf = std::string("a\0b", 3); }, "control characters");
  refused([](auto& r) { r.own = "hello"; }, "begin it with #cloud-config");
  refused([](auto& r) { r.own = "#!/bin/sh\n" + std::string(49'000, 'x'); }, "Nova takes 65535");
}

// What a YAML parser of cloud-init's kind makes of it: files with exactly the given text.
TEST(UserData, CloudInitGetsTheFilesAsTheyAre) {
  if (std::system("/usr/bin/python3 -c 'import yaml' 2>/dev/null") != 0)
    GTEST_SKIP() << "no PyYAML here";
  Scratch scratch;
  auto r = node_request();
  // Blanks first, empty lines, quotes, tabs, no newline at the end.
  r.slurm_conf = "   ClusterName=c\n\n\tNodeName=\"x: {y}\" # z\n'%'";
  r.own = "#!/bin/sh\necho hi\n";
  const auto text = build_user_data(r);
  ASSERT_TRUE(text) << text.error().message;
  const auto data = scratch.write("data", *text);
  const auto script = scratch.write("read.py", R"(
import email, sys, yaml
message = email.message_from_string(open(sys.argv[1]).read())
parts = message.get_payload()
assert [p.get_content_type() for p in parts] == ['text/cloud-config', 'text/x-shellscript'], parts
assert parts[1].get_payload() == '#!/bin/sh\necho hi\n\n' or parts[1].get_payload() == '#!/bin/sh\necho hi\n'
config = yaml.safe_load(parts[0].get_payload())
for f in config['write_files']:
    if f['path'] == '/etc/slurm/slurm.conf':
        sys.stdout.write(f['content'])
)");
  FILE* pipe = ::popen(("/usr/bin/python3 " + script.string() + " " + data.string()).c_str(), "r");
  ASSERT_NE(pipe, nullptr);
  char buffer[4096];
  const std::string got(buffer, std::fread(buffer, 1, sizeof buffer, pipe));
  EXPECT_EQ(::pclose(pipe), 0);
  EXPECT_EQ(got, r.slurm_conf + "\n");
}

std::string content(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// The standard output of a command, which must succeed.
std::string output_of(const std::string& command) {
  FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return "no pipe";
  std::string text;
  char buffer[4096];
  while (const auto n = std::fread(buffer, 1, sizeof buffer, pipe)) text.append(buffer, n);
  EXPECT_EQ(::pclose(pipe), 0) << command << "\n" << text;
  return text;
}

TEST(GuestScript, CarriesTheFilesOfEtcGuest) {
  const std::filesystem::path image = TIDEPOOL_SOURCE "/etc/guest/image";
  std::size_t there = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(image))
    there += entry.is_regular_file() ? 1 : 0;
  EXPECT_EQ(guest_files().size(), there);
  EXPECT_GE(there, 8u);
  for (const auto& file : guest_files()) {
    const auto path = image / file.path.substr(1);
    EXPECT_EQ(file.text, content(path));
    EXPECT_EQ(file.program, (std::filesystem::status(path).permissions() &
                             std::filesystem::perms::owner_exec) != std::filesystem::perms::none)
        << path;
    EXPECT_TRUE(file.text.ends_with("\n")) << path;
    EXPECT_EQ(file.text.find("END-OF-TIDEPOOL-FILE"), std::string_view::npos);
  }
}

// The files arrive byte by byte, whatever becomes of the set-up that follows (11, 12: a folder on
// a file system or device that cannot be resumed from, 1: not root).
TEST(GuestScript, WritesThemIntoAFolder) {
  for (const int swap : {0, 64}) {
    Scratch scratch;
    const auto root = scratch.path("root");
    std::filesystem::create_directories(root);
    const auto script = scratch.write("script", guest_script(swap)).string();
    output_of("sh -n " + script);
    output_of("sh " + script + " " + root.string() + " >" + scratch.path("log").string() +
              " 2>&1; rc=$?; case $rc in 0 | 1 | 11 | 12) exit 0 ;; esac; exit $rc");
    for (const auto& file : guest_files()) {
      const auto path = root / file.path.substr(1);
      EXPECT_EQ(content(path), file.text) << path;
      EXPECT_EQ(output_of("stat -c %a " + path.string()), file.program ? "755\n" : "644\n");
    }
    EXPECT_EQ(content(root / "etc/default/tidepool-guest"),
              swap == 0 ? "" : "TIDEPOOL_SETUP_OPTIONS=\"--swap 64M\"\n");
    EXPECT_NE(content(scratch.path("log")).find("tidepool-guest-setup: "), std::string::npos);
  }
}

TEST(GuestScript, IsAPartThatTheSitesCannotReplace) {
  auto r = node_request();
  r.guest = guest_script(0);
  auto text = build_user_data(r);
  ASSERT_TRUE(text) << text.error().message;
  r.own = "#cloud-config\nwrite_files: [{path: /x, content: y}]\n";
  const auto with_site = build_user_data(r);
  ASSERT_TRUE(with_site) << with_site.error().message;
  // Without it cloud-init would take the site's write_files for ours.
  EXPECT_NE(with_site->find("Merge-Type: list(append)+dict(no_replace,recurse_list)+str()\n"
                            "Content-Disposition: attachment; filename=\"site\""),
            std::string::npos);
  if (std::system("/usr/bin/python3 -c 'import yaml' 2>/dev/null") != 0)
    GTEST_SKIP() << "no PyYAML here";
  Scratch scratch;
  scratch.write("alone", *text);
  scratch.write("both", *with_site);
  scratch.write("script", r.guest);
  const auto script = scratch.write("read.py", R"(
import email, sys, yaml
folder = sys.argv[1] + '/'
script = open(folder + 'script').read()
for name, expected in (('alone', ['tidepool', 'tidepool-guest']),
                       ('both', ['tidepool', 'site', 'tidepool-guest'])):
    parts = email.message_from_string(open(folder + name).read()).get_payload()
    assert [p.get_filename() for p in parts] == expected, parts
    assert parts[-1].get_content_type() == 'text/x-shellscript'
    assert parts[-1].get_payload().rstrip('\n') == script.rstrip('\n')
    paths = [f['path'] for f in yaml.safe_load(parts[0].get_payload())['write_files']]
    assert '/etc/default/slurmd' in paths, paths
    print(name)
)");
  EXPECT_EQ(output_of("/usr/bin/python3 " + script.string() + " " + scratch.path().string()),
            "alone\nboth\n");
}

TEST(GuestScript, CountsForNovasLimit) {
  auto r = node_request();
  r.own = "#!/bin/sh\n" + std::string(35'000, 'x');
  EXPECT_TRUE(build_user_data(r));
  r.guest = guest_script(0);
  EXPECT_LT(r.guest.size(), 25'000u);  // so that the site's part has room
  const auto text = build_user_data(r);
  ASSERT_FALSE(text);
  EXPECT_NE(text.error().message.find("Nova takes 65535"), std::string::npos);
}

TEST(UserData, SmellsAMungeKey) {
  EXPECT_TRUE(
      holds_munge_key("path: /etc/munge/munge.key\ncontent: "
                      "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlq\n"));
  EXPECT_FALSE(holds_munge_key("#!/bin/sh\nchown munge: /etc/munge/munge.key\n"));
  EXPECT_FALSE(holds_munge_key("x QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlq"));
}

}  // namespace
}  // namespace tidepool
