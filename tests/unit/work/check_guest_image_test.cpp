#include "work/check_guest_image.hpp"

#include <gtest/gtest.h>

namespace tidepool {
namespace {

// What is said, "key: words" a line.
std::string said(const GuestSection& guest, const openstack::ImageInfo& image, int disk_gib = 20,
                 HoldMode mode = HoldMode::hibernate) {
  PoolFile pools;
  Pool pool;
  pool.name = "p";
  pool.image = "i";
  pool.flavor = "f";
  pool.guest = guest;
  pool.hold.modes = {mode, HoldMode::requeue};
  openstack::Flavor flavor;
  flavor.ram_mib = 8192;
  flavor.disk_gib = disk_gib;
  std::vector<Diagnostic> all;
  check_guest_image(pools, pool, flavor, image, all);
  std::string text;
  for (const auto& d : all) {
    EXPECT_EQ(d.severity, Severity::warning);
    EXPECT_FALSE(d.fix.empty());
    text += d.key + ": " + d.what + "\n";
  }
  return text;
}

openstack::ImageInfo image(const std::string& machine = "pc-i440fx-7.2") {
  openstack::ImageInfo i;
  i.machine_type = machine;
  i.min_disk_gib = 4;
  return i;
}

TEST(CheckGuestImage, NothingToSayOfARightPool) {
  const GuestSection prepared{GuestHibernate::prepare, 0};
  EXPECT_EQ(said(prepared, image()), "");
  EXPECT_EQ(said(prepared, image("pc-q35-rhel9.4.0")), "");
  EXPECT_EQ(said(prepared, image(), 0), "");  // disk 0: as large as the image
  EXPECT_EQ(said({GuestHibernate::prepare, 1024}, openstack::ImageInfo{}, 1, HoldMode::suspend),
            "");
}

TEST(CheckGuestImage, ImagesThatLoseTheMemory) {
  const GuestSection in_image{GuestHibernate::image, 0};
  EXPECT_NE(said(in_image, image("")).find("pools.p.image: image i has no hw_machine_type"),
            std::string::npos);
  EXPECT_NE(said(in_image, image("q35")).find("hw_machine_type=q35"), std::string::npos);
  auto agent = image();
  agent.guest_agent = "Yes";
  EXPECT_NE(said(in_image, agent).find("hw_qemu_guest_agent=yes"), std::string::npos);
  EXPECT_EQ(said(in_image, image(), 1), "");  // its swap is its own affair
}

TEST(CheckGuestImage, SwapThatIsTooSmallOrDoesNotFit) {
  EXPECT_EQ(said({GuestHibernate::prepare, 4096}, image()),
            "pools.p.guest.swap: 4096 MiB is less than flavor f's memory, 8192 MiB: a job that "
            "uses more than fits is not hibernated\n");
  EXPECT_NE(said({GuestHibernate::prepare, 0}, image(), 12)
                .find("pools.p.guest.hibernate: the swap file of 8192 MiB does not fit"),
            std::string::npos);
}

}  // namespace
}  // namespace tidepool
