"""seed.py FOLDER WHAT [VALUE]…: what the cloud in a folder has in it, made through its own APIs. Made
again, nothing changes.

  identities                      roles, projects, users, catalog, clouds.yaml
  resources                       flavors, image, networks
  projects NAME…                  more projects like demo, each with a user and a network hpc of its own
  quota INSTANCES CORES RAM       of the project demo; -1 is no limit
  reports BINARY SECOND           exit code 0 when that nova service has reported since
"""
import calendar
import sys
import time

import identities
import resources
from client import Client


def reports(client, binary, second):
    services = client.request('GET', 'nova', f'/os-services?binary={binary}')['services']
    return any(s['state'] == 'up' and s['updated_at'] is not None and
               calendar.timegm(time.strptime(s['updated_at'][:19], '%Y-%m-%dT%H:%M:%S')) > second
               for s in services)


def main(folder, what, *values):
    client = Client(folder)
    if what == 'identities':
        identities.make(client)
    elif what == 'resources':
        resources.make(client)
    elif what == 'projects':
        for name in values:
            identities.member(client, name)
            resources.hpc(client, name)
            identities.add_cloud(client, name)
    elif what == 'quota':
        resources.quota(client, *map(int, values))
    elif what == 'reports':
        return 0 if reports(client, values[0], int(values[1])) else 1
    else:
        raise SystemExit(__doc__)
    return 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
