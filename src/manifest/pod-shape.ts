import { CONTAINER, PROFILE, RESOURCES, SELINUX_OPTIONS } from "./container-shape.ts";
import {
  BOOLEAN,
  CLUSTER,
  INTEGER,
  list,
  map,
  OUTPUT,
  object,
  oneOf,
  refused,
  required,
  STRING,
  UNSUPPORTED,
  type ValueOf,
} from "./shape.ts";
import { VOLUME } from "./volume-shape.ts";

export const METADATA = object({
  name: required(STRING),
  namespace: STRING,
  uid: STRING,
  labels: map(STRING),
  annotations: map(STRING),
  generateName: OUTPUT,
  creationTimestamp: OUTPUT,
  deletionTimestamp: OUTPUT,
  deletionGracePeriodSeconds: OUTPUT,
  generation: OUTPUT,
  managedFields: OUTPUT,
  ownerReferences: OUTPUT,
  finalizers: OUTPUT,
  resourceVersion: OUTPUT,
  selfLink: OUTPUT,
});

const POD_SECURITY = object({
  runAsUser: INTEGER,
  runAsGroup: INTEGER,
  runAsNonRoot: BOOLEAN,
  fsGroup: INTEGER,
  fsGroupChangePolicy: oneOf("OnRootMismatch", "Always"),
  supplementalGroups: list(INTEGER),
  supplementalGroupsPolicy: oneOf("Merge", "Strict"),
  seccompProfile: PROFILE,
  appArmorProfile: PROFILE,
  seLinuxOptions: SELINUX_OPTIONS,
  seLinuxChangePolicy: UNSUPPORTED,
  sysctls: list(object({ name: required(STRING), value: required(STRING) })),
  windowsOptions: UNSUPPORTED,
});

const POD_SPEC = object({
  containers: required(list(CONTAINER)),
  initContainers: list(CONTAINER),
  ephemeralContainers: refused("crish exec runs a program in a running container"),
  volumes: list(VOLUME),
  restartPolicy: oneOf("Always", "OnFailure", "Never"),
  terminationGracePeriodSeconds: INTEGER,
  activeDeadlineSeconds: UNSUPPORTED,
  hostname: STRING,
  hostnameOverride: STRING,
  subdomain: CLUSTER,
  setHostnameAsFQDN: CLUSTER,
  hostAliases: list(object({ ip: required(STRING), hostnames: list(STRING) })),
  dnsPolicy: oneOf("ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"),
  dnsConfig: object({
    nameservers: list(STRING),
    searches: list(STRING),
    options: list(object({ name: required(STRING), value: STRING })),
  }),
  hostNetwork: BOOLEAN,
  hostPID: BOOLEAN,
  hostIPC: BOOLEAN,
  hostUsers: BOOLEAN,
  shareProcessNamespace: BOOLEAN,
  securityContext: POD_SECURITY,
  runtimeClassName: STRING,
  imagePullSecrets: list(object({ name: required(STRING) })),
  nodeName: CLUSTER,
  serviceAccountName: STRING,
  serviceAccount: CLUSTER,
  os: object({ name: required(oneOf("linux")) }),
  resources: RESOURCES,
  affinity: CLUSTER,
  automountServiceAccountToken: CLUSTER,
  enableServiceLinks: CLUSTER,
  nodeSelector: CLUSTER,
  overhead: CLUSTER,
  preemptionPolicy: CLUSTER,
  priority: CLUSTER,
  priorityClassName: CLUSTER,
  readinessGates: CLUSTER,
  resourceClaims: refused("devices of dynamic resource allocation need a cluster"),
  schedulerName: CLUSTER,
  schedulingGates: CLUSTER,
  schedulingGroup: CLUSTER,
  tolerations: CLUSTER,
  topologySpreadConstraints: CLUSTER,
  workloadRef: CLUSTER,
});

export const POD = object({
  apiVersion: STRING,
  kind: STRING,
  metadata: required(METADATA),
  spec: required(POD_SPEC),
  status: OUTPUT,
});

export const CONFIG_MAP = object({
  apiVersion: STRING,
  kind: STRING,
  metadata: required(METADATA),
  data: map(STRING),
  binaryData: map(STRING),
  immutable: BOOLEAN,
});

export const SECRET = object({
  apiVersion: STRING,
  kind: STRING,
  metadata: required(METADATA),
  type: STRING,
  data: map(STRING),
  stringData: map(STRING),
  immutable: BOOLEAN,
});

export type PodManifest = ValueOf<typeof POD>;
export type PodSpecManifest = PodManifest["spec"];
export type ConfigMapManifest = ValueOf<typeof CONFIG_MAP>;
export type SecretManifest = ValueOf<typeof SECRET>;
