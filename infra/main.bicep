// Verger in one resource group: a function app on Flex Consumption, its storage and queues,
// PostgreSQL, Key Vault and Application Insights. Nothing here holds a password: the app's
// user-assigned identity opens everything, and the one certificate lies in the vault.
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

@description('Application (client) id of the enforcer identity.')
param clientId string

@description('Host of the SharePoint, e.g. wmin.sharepoint.com.')
param sharepointHost string

@description('Mailbox that notices are sent from.')
param mailbox string

@description('Secret of the vault that holds the certificate with its key, as PEM.')
param certificateSecret string = 'verger-enforcer'

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
var tags = {
  'azd-env-name': environmentName
}
var blobDataOwner = 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
var queueDataContributor = '974c5e8b-45b9-4653-ba55-5f855dd0fb88'
var tableDataContributor = '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'
var metricsPublisher = '3913510d-42f4-4e42-8a64-420c390055eb'
var vaultSecretsUser = '4633458b-17de-408a-b874-0445c86b69e6'

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: 'id-verger-${environmentName}'
  location: location
  tags: tags
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

resource workPoison 'Microsoft.Storage/storageAccounts/queueServices/queues@2023-05-01' = {
  parent: queues
  name: 'work-poison'
}

resource mayOwnBlobs 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(storage.id, identity.id, blobDataOwner)
  scope: storage
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', blobDataOwner)
  }
}

resource mayUseQueues 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(storage.id, identity.id, queueDataContributor)
  scope: storage
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', queueDataContributor)
  }
}

resource mayUseTables 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(storage.id, identity.id, tableDataContributor)
  scope: storage
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', tableDataContributor)
  }
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

resource mayPublishMetrics 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(insights.id, identity.id, metricsPublisher)
  scope: insights
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', metricsPublisher)
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

resource mayReadSecrets 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault.id, identity.id, vaultSecretsUser)
  scope: vault
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', vaultSecretsUser)
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
    principalId: identity.properties.principalId
    principalName: identity.name
  }
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

// ------------------------------------------------------------------------------- the app

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: 'plan-verger-${environmentName}'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    name: 'FC1'
    tier: 'FlexConsumption'
  }
  properties: {
    reserved: true
  }
}

resource app 'Microsoft.Web/sites@2024-04-01' = {
  name: appName
  location: location
  tags: union(tags, {
    'azd-service-name': 'api'
  })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identity.id}': {}
    }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    keyVaultReferenceIdentity: identity.id
    siteConfig: {
      minTlsVersion: '1.2'
      ftpsState: 'Disabled'
      appSettings: [
        {
          name: 'AzureWebJobsStorage__credential'
          value: 'managedidentity'
        }
        {
          name: 'AzureWebJobsStorage__clientId'
          value: identity.properties.clientId
        }
        {
          name: 'AzureWebJobsStorage__blobServiceUri'
          value: storage.properties.primaryEndpoints.blob
        }
        {
          name: 'AzureWebJobsStorage__queueServiceUri'
          value: storage.properties.primaryEndpoints.queue
        }
        {
          name: 'AzureWebJobsStorage__tableServiceUri'
          value: storage.properties.primaryEndpoints.table
        }
        {
          name: 'APPLICATIONINSIGHTS_CONNECTION_STRING'
          value: insights.properties.ConnectionString
        }
        {
          name: 'APPLICATIONINSIGHTS_AUTHENTICATION_STRING'
          value: 'ClientId=${identity.properties.clientId};Authorization=AAD'
        }
        {
          name: 'PYTHON_APPLICATIONINSIGHTS_ENABLE_TELEMETRY'
          value: 'true'
        }
        {
          name: 'VERGER_TENANT_ID'
          value: tenantId
        }
        {
          name: 'VERGER_CLIENT_ID'
          value: clientId
        }
        {
          name: 'VERGER_MANAGED_IDENTITY'
          value: identity.properties.clientId
        }
        {
          name: 'VERGER_CERTIFICATE_PEM'
          value: '@Microsoft.KeyVault(VaultName=${vault.name};SecretName=${certificateSecret})'
        }
        {
          name: 'VERGER_SHAREPOINT_HOST'
          value: sharepointHost
        }
        {
          name: 'VERGER_DATABASE_URL'
          value: 'postgresql+psycopg://${identity.name}@${database.properties.fullyQualifiedDomainName}:5432/${state.name}?sslmode=require'
        }
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
      ]
    }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${storage.properties.primaryEndpoints.blob}${deployments.name}'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identity.id
          }
        }
      }
      scaleAndConcurrency: {
        maximumInstanceCount: maximumInstances
        instanceMemoryMB: instanceMemory
      }
      runtime: {
        name: 'python'
        version: '3.13'
      }
    }
  }
  dependsOn: [
    mayOwnBlobs
    mayUseQueues
    mayUseTables
    mayReadSecrets
  ]
}

output appName string = app.name
output webhookAddress string = 'https://${app.properties.defaultHostName}'
output vaultName string = vault.name
output databaseHost string = database.properties.fullyQualifiedDomainName
