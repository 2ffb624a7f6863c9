#include <gtest/gtest.h>

#include "openstack/compute.hpp"

namespace tidepool::openstack {
namespace {

std::string found(std::map<std::string, std::string> specs) {
  Flavor flavor;
  flavor.extra_specs = std::move(specs);
  return passthrough_of(flavor);
}

// https://docs.openstack.org/nova/latest/configuration/extra-specs.html
TEST(Flavor, DevicesOfTheHost) {
  EXPECT_EQ(found({{"hw:cpu_policy", "dedicated"}, {"pci_passthrough:alias", "a100:1"}}),
            "pci_passthrough:alias=a100:1");
  EXPECT_EQ(found({{"resources:VGPU", "1"}}), "resources:VGPU=1");
  EXPECT_EQ(found({{"resources2:PGPU", "1"}}), "resources2:PGPU=1");
  EXPECT_EQ(found({{"resources:CUSTOM_PCI_10DE_20F1", "1"}}), "resources:CUSTOM_PCI_10DE_20F1=1");
  EXPECT_EQ(found({{"accel:device_profile", "fpga"}}), "accel:device_profile=fpga");
}

TEST(Flavor, NoDevices) {
  EXPECT_EQ(found({}), "");
  EXPECT_EQ(found({{"hw:mem_page_size", "large"},
                   {"resources:VCPU", "0"},
                   {"resources:VGPU", "0"},
                   {"resources:CUSTOM_BAREMETAL", "1"},
                   {"resources_VGPU", "1"},
                   {"trait:HW_GPU_API_VULKAN", "required"}}),
            "");
}

}  // namespace
}  // namespace tidepool::openstack
