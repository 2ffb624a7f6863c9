"""What servers are made of: flavors, an image, two networks. Names and sizes are the simulator's."""

FLAVORS = (('1', 'm1.small', 1, 2048, 20), ('2', 'm1.medium', 2, 4096, 40), ('3', 'm1.large', 4, 8192, 80),
           # fits on no host
           ('4', 'huge', 4000, 64, 1))


def make(client):
    have = {flavor['id'] for flavor in client.request('GET', 'nova', '/flavors')['flavors']}
    for ident, name, vcpus, ram, disk in FLAVORS:
        if ident not in have:
            client.request('POST', 'nova', '/flavors', {'flavor': {
                'id': ident, 'name': name, 'vcpus': vcpus, 'ram': ram, 'disk': disk}})
    image(client, 'rocky9-slurm')
    # Of the project demo: only a network's owner, or an administrator, may choose addresses on it.
    hpc(client, 'demo')
    # Somebody else's, shared with all: members of demo may use it, and choose nothing.
    network(client, 'campus', 'admin', '10.99.0.0/24', '10.99.0.128', '10.99.0.254', shared=True)


def hpc(client, project):
    network(client, 'hpc', project, '10.20.0.0/20', '10.20.8.0', '10.20.15.254')


def image(client, name):
    found = client.request('GET', 'glance', f'/v2/images?name={name}')['images']
    made = found[0] if found else client.request('POST', 'glance', '/v2/images', {
        'name': name, 'disk_format': 'raw', 'container_format': 'bare', 'visibility': 'public'})
    if made['status'] != 'active':
        # The fake driver looks at no byte of it.
        client.request('PUT', 'glance', f'/v2/images/{made["id"]}/file', bytes(65536),
                       headers={'Content-Type': 'application/octet-stream'})


def network(client, name, owner, cidr, first, last, shared=False):
    """Neutron's own picks come from the upper half; the lower one is for addresses that people choose.
    Without port security there is no security group to be kept up for every port."""
    wanted = {'name': name, 'port_security_enabled': False}
    if shared:
        wanted['shared'] = True
    made = client.ensure('neutron', '/v2.0/networks', 'network', wanted, user=owner)
    client.ensure('neutron', '/v2.0/subnets', 'subnet', {
        'name': name, 'network_id': made['id'], 'ip_version': 4, 'cidr': cidr, 'enable_dhcp': False,
        'gateway_ip': None, 'allocation_pools': [{'start': first, 'end': last}]},
        user=owner, find=('network_id',))


def quota(client, instances, cores, ram):
    """Of the project demo. force: also below what is in use."""
    demo = client.token('demo')[1]['project']['id']
    client.request('PUT', 'nova', f'/os-quota-sets/{demo}', {'quota_set': {
        'instances': instances, 'cores': cores, 'ram': ram, 'force': True}})
