// What a program written for Microsoft's JavaScript client does; prints what it saw as JSON.
import { ClientCertificateCredential } from "@azure/identity";
import {
  Client,
  FileUpload,
  OneDriveLargeFileUploadTask,
  PageIterator,
} from "@microsoft/microsoft-graph-client";
import { TokenCredentialAuthenticationProvider } from "@microsoft/microsoft-graph-client/authProviders/azureTokenCredentials/index.js";
import { randomBytes } from "node:crypto";
import { ProxyAgent, setGlobalDispatcher } from "undici";

setGlobalDispatcher(new ProxyAgent(process.env.HTTPS_PROXY)); // Node 20's fetch reads no environment
const [host, tenant, client, certificatePath] = process.argv.slice(2);
const credential = new ClientCertificateCredential(tenant, client, { certificatePath });
const scopes = ["https://graph.microsoft.com/.default"];
const authProvider = new TokenCredentialAuthenticationProvider(credential, { scopes });
const graph = Client.initWithMiddleware({ authProvider });

const site = await graph.api(`/sites/${host}:/sites/quality`).get();
const drive = (await graph.api(`/sites/${site.id}/drive`).get()).id;
const names = async (path) =>
  (await graph.api(`/drives/${drive}/${path}/children`).select("name").get()).value
    .map((item) => item.name)
    .sort();
const text = async (id) => {
  const parts = [];
  for await (const part of await graph.api(`/drives/${drive}/items/${id}/content`).getStream())
    parts.push(part);
  return Buffer.concat(parts);
};

const note = await graph.api(`/drives/${drive}/root:/Script/a.txt:/content`).put("from JavaScript");
const data = randomBytes(5 * 1024 * 1024);
const task = await OneDriveLargeFileUploadTask.createTaskWithFileObject(
  graph,
  new FileUpload(data, "big.bin", data.length),
  {
    fileName: "big.bin",
    rangeSize: 1024 * 1024,
    uploadSessionURL: `/drives/${drive}/root:/Script/big.bin:/createUploadSession`,
  },
);
const big = (await task.upload()).responseBody;
const first = await names("root:/Script:");
await graph.api(`/drives/${drive}/items/${note.id}`).patch({ name: "b.txt" });
const batch = await graph.api("/$batch").post({
  requests: [
    { id: "1", method: "GET", url: `/sites/${site.id}/lists` },
    { id: "2", method: "GET", url: `/drives/${drive}/items/none` },
  ],
});
const listed = [];
const pages = await graph.api(`/drives/${drive}/root/delta`).top(2).get();
await new PageIterator(graph, pages, (item) => listed.push(item.name)).iterate();
const told = {
  site: site.displayName,
  first,
  back: (await text(note.id)).toString(),
  "big is whole": (await text(big.id)).equals(data),
  renamed: await names("root:/Script:"),
  batch: batch.responses.map((part) => part.status),
  delta: listed.includes("b.txt") && listed.includes("Readme.txt"),
};
await graph.api(`/drives/${drive}/items/${note.id}`).delete();
told.gone = await graph.api(`/drives/${drive}/items/${note.id}`).get().catch((error) => error.code);
await graph.api(`/drives/${drive}/root:/Script`).delete();
told.left = await names("root");
console.log(JSON.stringify(told));
