// SPDX-License-Identifier: MIT
//
// node azure.mjs ENDPOINT ACCOUNT KEY DIRECTORY: Microsoft's client reads "ours a+b NAME" into
// NAME.read and writes NAME as "theirs a+b NAME", for small and large.
import fs from 'node:fs';
import path from 'node:path';
import { BlobServiceClient, StorageSharedKeyCredential } from '@azure/storage-blob';

const [, , endpoint, account, key, directory] = process.argv;
const service = new BlobServiceClient(endpoint, new StorageSharedKeyCredential(account, key));
const container = service.getContainerClient('backups');

for (const name of ['small', 'large']) {
	const ours = container.getBlockBlobClient(`clients/ours a+b ${name}`);
	fs.writeFileSync(path.join(directory, name + '.read'), await ours.downloadToBuffer());
	const theirs = container.getBlockBlobClient(`clients/theirs a+b ${name}`);
	await theirs.uploadFile(path.join(directory, name),
		{ blockSize: 1 << 20, maxSingleShotSize: 1 << 20 });
}
