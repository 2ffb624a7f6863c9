"""Keystone's content: roles, projects, users, the catalog; and the clouds.yaml that uses them.

The names are the simulator's, so that a test finds the same on either. admin is as in most clouds
that people have: an administrator of everything, by a role in the project admin.
"""
import os

SERVICES = (('nova', 'compute'), ('neutron', 'network'), ('glance', 'image'), ('placement', 'placement'))


def make(client):
    roles = {name: client.ensure('keystone', '/roles', 'role', {'name': name})['id']
             for name in ('admin', 'member', 'reader', 'service')}
    projects = {name: ensure(client, '/projects', 'project', name)['id']
                for name in ('service', 'admin', 'demo', 'other')}

    def user(name, project, *granted):
        made = ensure(client, '/users', 'user', name, password=client.password(name))
        for role in granted:
            client.request('PUT', 'keystone', f'/projects/{projects[project]}/users/{made["id"]}'
                                              f'/roles/{roles[role]}')

    for name, kind in SERVICES:
        user(name, 'service', 'admin', 'service')
        register(client, name, kind)
    user('demo', 'demo', 'member', 'reader')
    user('other', 'other', 'member', 'reader')
    write_clouds(client, application_credential(client))


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
    site = '    region_name: RegionOne\n    interface: public\n    identity_api_version: 3\n'
    text = 'clouds:\n'
    for name in ('demo', 'other', 'admin'):
        text += (f'  {name}:\n    auth:\n      auth_url: {client.urls["keystone"]}\n'
                 f'      username: {name}\n      password: {client.password(name)}\n'
                 f'      project_name: {name}\n      user_domain_name: Default\n'
                 f'      project_domain_name: Default\n{site}')
    text += (f'  demo-appcred:\n    auth_type: v3applicationcredential\n    auth:\n'
             f'      auth_url: {client.urls["keystone"]}\n'
             f'      application_credential_id: {credential["id"]}\n'
             f'      application_credential_secret: {credential["secret"]}\n{site}')
    path = f'{client.folder}/clouds.yaml'
    with open(path + '.new', 'w', encoding='utf-8', opener=lambda p, f: os.open(p, f, 0o600)) as file:
        file.write(text)
    os.rename(path + '.new', path)
