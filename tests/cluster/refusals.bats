#!/usr/bin/env bats
# The cloud refuses for a cause that somebody must mend: an image, a flavor or a network that is not
# there, a wrong password. Slurm is told so in plain words; once it is mended the nodes come.

load ../lab/lib
load cloud
load troubles

setup_file() { troubles_lab_up 6; }
teardown_file() { lab_down; }

# change SED-SCRIPT: of the pool file, for workers that start from now on.
change() {
  quiet
  cp "$LAB_DIR/good.yaml" "$LAB_DIR/etc/tidepool.yaml"
  sed -i "$1" "$LAB_DIR/etc/tidepool.yaml"
}

@test "an image or a network that the cloud does not have" {
  change 's/image: .*/image: rocky8-gone/'
  fails osg-001 "bad_request: pool osg: image rocky8-gone: "
  change 's/network: .*/network: nowhere/'
  fails osg-002 "bad_request: pool osg: network nowhere: "
  change ''
  works osg-001
}

@test "an image and a flavor that are deleted, and made anew under the same names" {
  # Their ids are known to every tidepool process by now, and will be wrong.
  builder=$(make_server builder '{}')
  cloud_settles
  old=$(member GET image/v2/images | jq -r '.images[] | select(.name == "rocky9-slurm") | .id')
  admin DELETE "image/v2/images/$old"
  fails osg-003 "bad_request: "
  noted osg-003 "Can not find requested image"
  member POST "compute/v2.1/servers/$builder/action" '{"createImage": {"name": "rocky9-slurm"}}'
  cloud_settles
  member DELETE "compute/v2.1/servers/$builder"
  works osg-003

  flavor=$(admin GET compute/v2.1/flavors/detail | jq '.flavors[] | select(.name == "hpc.small")')
  admin DELETE "compute/v2.1/flavors/$(jq -r .id <<<"$flavor")"
  fails osg-004 "bad_request: "
  noted osg-004 "could not be found"
  admin POST compute/v2.1/flavors "$(jq '{flavor: {name, vcpus, ram, disk}}' <<<"$flavor")"
  works osg-004
}

@test "a wrong password" {
  quiet
  sed -i 's/demo-secret/wrong-secret/' "$OS_CLIENT_CONFIG_FILE"
  sim_api POST tokens/expire
  run tidepool reconcile --dry-run
  echo "$output"
  [ "$status" -eq 4 ]
  [[ $output == *"authentication at cloud demo: "* ]]
  [[ $output != *wrong-secret* ]]
  fails osg-005 "auth: authentication at cloud demo: "
  run grep -rq wrong-secret "$LAB_DIR/log" "$LAB_DIR/state/tidepool"
  [ "$status" -eq 1 ]
  sed -i 's/wrong-secret/demo-secret/' "$OS_CLIENT_CONFIG_FILE"
  quiet
  works osg-005
  nothing_left
}
