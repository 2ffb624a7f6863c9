"""Keystone's content: roles, projects, users, the catalog; and the clouds.yaml that uses them.

The names are the simulator's, so that a test finds the same on either. admin is as in most clouds
that people have: an administrator of everything, by a role in the project admin.
"""
import os

SITE = '    region_name: RegionOne\n    interface: public\n    identity_api_version: 3\n'
SERVICES = (('nova', 'compute'), ('neutron', 'network'), ('glance', 'image'), ('placement', 'placement'))


def make(client):
    for name in ('admin', 'member', 'reader', 'service'):
        role(client, name)
    for name in ('service', 'admin'):
        ensure(client, '/projects', 'project', name)
    for name, kind in SERVICES:
        user(client, name, 'service', 'admin', 'service')
        register(client, name, kind)
    member(client, 'demo')
    member(client, 'other')
    write_clouds(client, application_credential(client))


def member(client, name):
    """A project and its user, both of that name."""
    ensure(client, '/projects', 'project', name)
    user(client, name, name, 'member', 'reader')


def user(client, name, project, *granted):
    made = ensure(client, '/users', 'user', name, password=client.password(name))
    of = ensure(client, '/projects', 'project', project)
    for each in granted:
        client.request('PUT', 'keystone', f'/projects/{of["id"]}/users/{made["id"]}'
                                          f'/roles/{role(client, each)["id"]}')


def role(client, name):
    return client.ensure('keystone', '/roles', 'role', {'name': name})


def ensure(client, path, kind, name, **more):
    return client.ensure('keystone', path, kind, {'name': name, 'domain_id': 'default', **more},
                         find=('name', 'domain_id'))


def register(client, name, kind):
    service = client.ensure('keystone', '/services', 'service', {'type': kind, 'name': name},
                            find=('type', 'name'))
    for interface in ('public', 'internal', 'admin'):
        client.ensure('keystone', '/endpoints', 'endpoint', {
            'service_id': service['id'], 'interface': interface, 'url': client.urls[name],
            'region_id': 'RegionOne'}, find=('service_id', 'interface'))


def application_credential(client):
    """demo's, anew each time: keystone tells the secret only when it makes one. It lasts no longer than
    a token, so the name is free only after the old one was deleted."""
    path = f'/users/{client.token("demo")[1]["user"]["id"]}/application_credentials'
    for old in client.request('GET', 'keystone', path, user='demo')['application_credentials']:
        client.request('DELETE', 'keystone', f'{path}/{old["id"]}', user='demo')
    return client.request('POST', 'keystone', path, {'application_credential': {'name': 'demo-appcred'}},
                          user='demo')['application_credential']


def write_clouds(client, credential):
    text = 'clouds:\n' + ''.join(member_cloud(client, name) for name in ('demo', 'other', 'admin'))
    text += (f'  demo-appcred:\n    auth_type: v3applicationcredential\n    auth:\n'
             f'      auth_url: {client.urls["keystone"]}\n'
             f'      application_credential_id: {credential["id"]}\n'
             f'      application_credential_secret: {credential["secret"]}\n{SITE}')
    replace(client, text)


def member_cloud(client, name):
    return (f'  {name}:\n    auth:\n      auth_url: {client.urls["keystone"]}\n'
            f'      username: {name}\n      password: {client.password(name)}\n'
            f'      project_name: {name}\n      user_domain_name: Default\n'
            f'      project_domain_name: Default\n{SITE}')


def add_cloud(client, name):
    """To clouds.yaml, where it is not in it yet."""
    with open(f'{client.folder}/clouds.yaml', encoding='utf-8') as file:
        text = file.read()
    if f'\n  {name}:\n' not in text:
        replace(client, text + member_cloud(client, name))


def replace(client, text):
    path = f'{client.folder}/clouds.yaml'
    with open(path + '.new', 'w', encoding='utf-8', opener=lambda p, f: os.open(p, f, 0o600)) as file:
        file.write(text)
    os.rename(path + '.new', path)
