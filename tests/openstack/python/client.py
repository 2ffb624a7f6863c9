"""Requests to the cloud in a folder, with Python's standard library only."""
import json
import urllib.error
import urllib.request

PORTS = ('keystone', 'placement', 'glance', 'neutron', 'nova')
SERVICES = PORTS[1:]  # those that are users of keystone


def read(path):
    """KEY=value lines, as the shell parts write and read them."""
    with open(path, encoding='utf-8') as file:
        return dict(line.rstrip('\n').split('=', 1) for line in file)


class Client:
    def __init__(self, folder):
        self.folder = folder
        self.secrets = read(f'{folder}/secrets')
        base = int(read(f'{folder}/settings')['PORT_BASE'])
        self.urls = {name: f'http://127.0.0.1:{base + i}' for i, name in enumerate(PORTS)}
        self.urls['nova'] += '/v2.1'
        self.urls['keystone'] += '/v3'
        # No proxy, whatever the environment says.
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        self.tokens = {}

    def password(self, user):
        """Users of projects that were added have demo's."""
        if user in SERVICES:
            return self.secrets['SERVICE_PASSWORD']
        return self.secrets[{'admin': 'ADMIN', 'other': 'OTHER'}.get(user, 'DEMO') + '_PASSWORD']

    def token(self, user):
        """Of the project of the same name."""
        if user not in self.tokens:
            _, headers, answer = self._send('POST', self.urls['keystone'] + '/auth/tokens', {}, {'auth': {
                'identity': {'methods': ['password'], 'password': {'user': {
                    'name': user, 'domain': {'id': 'default'}, 'password': self.password(user)}}},
                'scope': {'project': {'name': user, 'domain': {'id': 'default'}}}}})
            self.tokens[user] = headers['X-Subject-Token'], answer['token']
        return self.tokens[user]

    def request(self, method, service, path, body=None, user='admin', headers=None):
        """The answer's JSON. bytes are sent as they are."""
        headers = {'X-Auth-Token': self.token(user)[0], **(headers or {})}
        return self._send(method, self.urls[service] + path, headers, body)[2]

    def ensure(self, service, path, kind, wanted, user='admin', find=('name',)):
        """The object of that kind that has the wanted values of `find`; made where there is none."""
        query = '&'.join(f'{key}={wanted[key]}' for key in find)
        for found in self.request('GET', service, f'{path}?{query}', user=user)[kind + 's']:
            return found
        return self.request('POST', service, path, {kind: wanted}, user=user)[kind]

    def _send(self, method, url, headers, body):
        headers = {'Accept': 'application/json', **headers}
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            headers['Content-Type'] = 'application/json'
        request = urllib.request.Request(url, data=body, headers=headers, method=method)
        try:
            with self.opener.open(request, timeout=120) as answer:
                text = answer.read()
                return answer.status, answer.headers, json.loads(text) if text else None
        except urllib.error.HTTPError as error:
            text = error.read().decode(errors='replace')
            raise SystemExit(f'{method} {url}: {error.code} {text}') from error
