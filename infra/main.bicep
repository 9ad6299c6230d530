// Verger in one resource group: two function apps on Flex Consumption (the enforcer, which hears of
// changes and polices, and the provisioner, which makes sites), their storage and queues, PostgreSQL,
// Key Vault and Application Insights. Nothing here holds a password: each app has a user-assigned
// identity of its own that opens what it needs, and a certificate of its own in the vault.
//
// tests/infra holds this file against the app: every queue, connection and %NAME% of its bindings
// and every setting it cannot start without has to be here.

targetScope = 'resourceGroup'

@description('Short name of this installation, part of every resource name, e.g. wmin.')
@minLength(2)
@maxLength(12)
param environmentName string

@description('Azure region of every resource.')
param location string = resourceGroup().location

@description('Directory (tenant) id whose SharePoint is governed.')
param tenantId string = subscription().tenantId

@description('Application (client) id of the enforcer registration (Sites.Selected, Mail.Send).')
param clientId string

@description('Application (client) id of the provisioner registration (site creation).')
param provisionerClientId string

@description('Application (client) id of the API registration, whose app roles are infra/app-roles.json.')
param apiClientId string

@description('Host of the SharePoint, e.g. wmin.sharepoint.com.')
param sharepointHost string

@description('Mailbox that notices are sent from.')
param mailbox string

@description('File of people and apps by role, in the package beside function_app.py.')
param rolesFile string = 'roles.yaml'

@description('Secret of the vault that holds the enforcer\'s certificate with its key, as PEM.')
param certificateSecret string = 'verger-enforcer'

@description('Secret of the vault that holds the provisioner\'s certificate with its key, as PEM.')
param provisionerCertificateSecret string = 'verger-provisioner'

@description('Secret of the vault that holds the webhook keys, two of them during rotation.')
param webhookKeysSecret string = 'verger-webhook-keys'

@description('Largest number of instances that scale out at once.')
@minValue(40)
@maxValue(1000)
param maximumInstances int = 40

@description('Memory of one instance in MB.')
@allowed([
  512
  2048
  4096
])
param instanceMemory int = 2048

var token = toLower(uniqueString(subscription().id, resourceGroup().id, environmentName))
var appName = 'func-verger-${environmentName}-${token}'
var provisionerName = 'func-vergerp-${environmentName}-${token}'
var tags = {
  'azd-env-name': environmentName
}

// ------------------------------------------------------------------------------- storage

resource storage 'Microsoft.Storage/storageAccounts@2023-05-01' = {
  name: 'stverger${take(token, 12)}'
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: {
    name: 'Standard_ZRS'
  }
  properties: {
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    allowBlobPublicAccess: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2023-05-01' = {
  parent: storage
  name: 'default'
}

resource deployments 'Microsoft.Storage/storageAccounts/blobServices/containers@2023-05-01' = {
  parent: blobs
  name: 'deployments'
}

resource provisionerDeployments 'Microsoft.Storage/storageAccounts/blobServices/containers@2023-05-01' = {
  parent: blobs
  name: 'deployments-provisioner'
}

resource queues 'Microsoft.Storage/storageAccounts/queueServices@2023-05-01' = {
  parent: storage
  name: 'default'
}

resource hints 'Microsoft.Storage/storageAccounts/queueServices/queues@2023-05-01' = {
  parent: queues
  name: 'library-changed'
}

resource hintsPoison 'Microsoft.Storage/storageAccounts/queueServices/queues@2023-05-01' = {
  parent: queues
  name: 'library-changed-poison'
}

resource work 'Microsoft.Storage/storageAccounts/queueServices/queues@2023-05-01' = {
  parent: queues
  name: 'work'
}

resource provision 'Microsoft.Storage/storageAccounts/queueServices/queues@2023-05-01' = {
  parent: queues
  name: 'provision'
}

resource provisionPoison 'Microsoft.Storage/storageAccounts/queueServices/queues@2023-05-01' = {
  parent: queues
  name: 'provision-poison'
}

resource workPoison 'Microsoft.Storage/storageAccounts/queueServices/queues@2023-05-01' = {
  parent: queues
  name: 'work-poison'
}

// ----------------------------------------------------------------------------- telemetry

resource logs 'Microsoft.OperationalInsights/workspaces@2023-09-01' = {
  name: 'log-verger-${environmentName}'
  location: location
  tags: tags
  properties: {
    retentionInDays: 30
    sku: {
      name: 'PerGB2018'
    }
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: 'appi-verger-${environmentName}'
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: logs.id
    DisableLocalAuth: true
  }
}

// --------------------------------------------------------------------------------- vault

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' = {
  name: 'kv-verger-${take(token, 12)}'
  location: location
  tags: tags
  properties: {
    tenantId: subscription().tenantId
    sku: {
      family: 'A'
      name: 'standard'
    }
    enableRbacAuthorization: true
    enableSoftDelete: true
    enablePurgeProtection: true
  }
}

// ------------------------------------------------------------------------------ database

resource database 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: 'psql-verger-${environmentName}-${token}'
  location: location
  tags: tags
  sku: {
    name: 'Standard_B1ms'
    tier: 'Burstable'
  }
  properties: {
    version: '17'
    storage: {
      storageSizeGB: 32
      autoGrow: 'Enabled'
    }
    backup: {
      backupRetentionDays: 14
      geoRedundantBackup: 'Disabled'
    }
    highAvailability: {
      mode: 'Disabled'
    }
    authConfig: {
      activeDirectoryAuth: 'Enabled'
      passwordAuth: 'Disabled'
      tenantId: subscription().tenantId
    }
  }
}

module databaseAdmin 'database-admin.bicep' = {
  name: 'database-admin'
  params: {
    serverName: database.name
    principalId: enforcer.outputs.principalId
    principalName: enforcer.outputs.identityName
  }
}

// One change at a time: the server refuses a second one while the first is under way.
module provisionerDatabaseAdmin 'database-admin.bicep' = {
  name: 'database-admin-provisioner'
  params: {
    serverName: database.name
    principalId: provisioner.outputs.principalId
    principalName: provisioner.outputs.identityName
  }
  dependsOn: [
    databaseAdmin
  ]
}

resource state 'Microsoft.DBforPostgreSQL/flexibleServers/databases@2024-08-01' = {
  parent: database
  name: 'verger'
  properties: {
    charset: 'UTF8'
    collation: 'en_US.utf8'
  }
}

// The addresses of Flex Consumption change: Azure's own are let in, and Entra tokens decide.
resource databaseDoor 'Microsoft.DBforPostgreSQL/flexibleServers/firewallRules@2024-08-01' = {
  parent: database
  name: 'azure-services'
  properties: {
    startIpAddress: '0.0.0.0'
    endIpAddress: '0.0.0.0'
  }
}

// ------------------------------------------------------------------------------ the apps

module enforcer 'app.bicep' = {
  name: 'enforcer'
  params: {
    location: location
    tags: tags
    service: 'api'
    appName: appName
    identityName: 'id-verger-${environmentName}'
    planName: 'plan-verger-${environmentName}'
    storageName: storage.name
    deploymentsName: deployments.name
    insightsName: insights.name
    vaultName: vault.name
    databaseHost: database.properties.fullyQualifiedDomainName
    databaseName: state.name
    tenantId: tenantId
    clientId: clientId
    certificateSecret: certificateSecret
    sharepointHost: sharepointHost
    rolesFile: rolesFile
    role: 'enforcer'
    maximumInstances: maximumInstances
    instanceMemory: instanceMemory
    ownSettings: [
      {
        name: 'VERGER_WEBHOOK_KEYS'
        value: '@Microsoft.KeyVault(VaultName=${vault.name};SecretName=${webhookKeysSecret})'
      }
      {
        name: 'VERGER_WEBHOOK_ADDRESS'
        value: 'https://${appName}.azurewebsites.net'
      }
      {
        name: 'VERGER_MAILBOX'
        value: mailbox
      }
      {
        name: 'VERGER_API_AUDIENCE'
        value: apiClientId
      }
    ]
  }
}

// The same package in an identity of its own; no webhook, no API, no mailbox (decision 19).
module provisioner 'app.bicep' = {
  name: 'provisioner'
  params: {
    location: location
    tags: tags
    service: 'provisioner'
    appName: provisionerName
    identityName: 'id-vergerp-${environmentName}'
    planName: 'plan-vergerp-${environmentName}'
    storageName: storage.name
    deploymentsName: provisionerDeployments.name
    insightsName: insights.name
    vaultName: vault.name
    databaseHost: database.properties.fullyQualifiedDomainName
    databaseName: state.name
    tenantId: tenantId
    clientId: provisionerClientId
    certificateSecret: provisionerCertificateSecret
    sharepointHost: sharepointHost
    rolesFile: rolesFile
    role: 'provisioner'
    maximumInstances: 40
    instanceMemory: instanceMemory
    ownSettings: []
  }
}

output appName string = enforcer.outputs.appName
output provisionerName string = provisioner.outputs.appName
output webhookAddress string = 'https://${enforcer.outputs.hostName}'
output vaultName string = vault.name
output databaseHost string = database.properties.fullyQualifiedDomainName
