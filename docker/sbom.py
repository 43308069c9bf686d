#!/usr/bin/python3
"""The bill of materials of the service in SPDX 2.3, from dpkg's own data: sbom.py VERSION [PACKAGE...]

Without packages, those of the libraries that the program named by PROGRAM is linked with. The same packages give the
same document: it bears the date of SOURCE_DATE_EPOCH, or of 1970, and a name made of its content.
"""

import json
import os
import re
import subprocess
import sys
import uuid
from datetime import datetime, timezone

FIELDS = ('Package', 'Version', 'Architecture', 'source:Package', 'source:Version', 'Maintainer', 'Homepage')


def output_of(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def owner(path):
    """The package of a file; some still name their files as they were before /lib became a link."""
    for name in (path, path.removeprefix('/usr')):
        found = subprocess.run(('dpkg', '-S', name), capture_output=True, text=True, check=False)
        if found.returncode == 0:
            return found.stdout.split(':')[0]
    raise SystemExit(f'no package has {path}')


def packages_of(program):
    libraries = re.findall(r'(/\S+)', output_of('ldd', program))
    return sorted({'ca-certificates'} | {owner(os.path.realpath(library)) for library in libraries})


def described(name):
    shown = output_of('dpkg-query', '-W', '-f', '\n'.join('${' + field + '}' for field in FIELDS) + '\n', name)
    return dict(zip(FIELDS, shown.split('\n')))


def release():
    with open('/etc/os-release', encoding='utf-8') as lines:
        values = dict(line.strip().split('=', 1) for line in lines if '=' in line)
    return values.get('ID', 'debian').strip('"'), values.get('VERSION_ID', '').strip('"')


def package(row):
    system, number = release()
    name, version = row['Package'], row['Version']
    quoted = version.replace('+', '%2B').replace(':', '%3A')
    return {
        'SPDXID': 'SPDXRef-' + re.sub('[^A-Za-z0-9.-]', '-', f'{name}-{version}'),
        'name': name,
        'versionInfo': version,
        'supplier': 'Organization: ' + row['Maintainer'].replace('<', '(').replace('>', ')'),
        'downloadLocation': 'NOASSERTION',
        'filesAnalyzed': False,
        'licenseConcluded': 'NOASSERTION',
        'licenseDeclared': 'NOASSERTION',
        'copyrightText': 'NOASSERTION',
        'sourceInfo': f'{row["source:Package"]} {row["source:Version"]}',
        **({'homepage': row['Homepage']} if row['Homepage'] else {}),
        'externalRefs': [{
            'referenceCategory': 'PACKAGE-MANAGER',
            'referenceType': 'purl',
            'referenceLocator': f'pkg:deb/{system}/{name}@{quoted}?arch={row["Architecture"]}&distro={system}-{number}'}],
    }


def own(version):
    return {'SPDXID': 'SPDXRef-ets144', 'name': 'ets144', 'versionInfo': version,
            'supplier': "Organization: The register's keepers", 'downloadLocation': 'NOASSERTION',
            'filesAnalyzed': False, 'licenseConcluded': 'NOASSERTION', 'licenseDeclared': 'NOASSERTION',
            'copyrightText': 'NOASSERTION', 'primaryPackagePurpose': 'APPLICATION'}


def main():
    version, *names = sys.argv[1:]
    names = names or packages_of(os.environ.get('PROGRAM', 'build/release/ets144'))
    packages = [own(version)] + [package(described(name)) for name in names]
    relationships = [{'spdxElementId': 'SPDXRef-DOCUMENT', 'relationshipType': 'DESCRIBES',
                      'relatedSpdxElement': 'SPDXRef-ets144'}]
    relationships += [{'spdxElementId': 'SPDXRef-ets144', 'relationshipType': 'DEPENDS_ON',
                       'relatedSpdxElement': row['SPDXID']} for row in packages[1:]]
    made = datetime.fromtimestamp(int(os.environ.get('SOURCE_DATE_EPOCH', '0')), timezone.utc)
    content = json.dumps(packages, sort_keys=True)
    document = {
        'spdxVersion': 'SPDX-2.3', 'dataLicense': 'CC0-1.0', 'SPDXID': 'SPDXRef-DOCUMENT',
        'name': f'ets144-{version}',
        'documentNamespace': f'urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, content)}',
        'creationInfo': {'created': made.strftime('%Y-%m-%dT%H:%M:%SZ'), 'creators': ['Tool: docker/sbom.py']},
        'packages': packages, 'relationships': relationships}
    print(json.dumps(document, indent=1))


if __name__ == '__main__':
    main()
