// One function app with all that is its own: identity, what that identity may do, plan and settings.
// Deployed twice from one package: as the enforcer and as the provisioner (VERGER_ROLE).

@description('Azure region.')
param location string

@description('Tags of every resource.')
param tags object

@description('Name of the azd service that is deployed to it.')
param service string

@description('Name of the function app.')
param appName string

@description('Name of its identity, which is also its role in the database.')
param identityName string

@description('Name of its plan: Flex Consumption takes one app a plan.')
param planName string

@description('Name of the storage account with the queues.')
param storageName string

@description('Name of the container that its package is deployed to.')
param deploymentsName string

@description('Name of the Application Insights component.')
param insightsName string

@description('Name of the vault with its certificate.')
param vaultName string

@description('Host of the PostgreSQL server.')
param databaseHost string

@description('Name of the database.')
param databaseName string

@description('Directory (tenant) id whose SharePoint is governed.')
param tenantId string

@description('Application (client) id of its registration.')
param clientId string

@description('Secret of the vault that holds its certificate with its key, as PEM.')
param certificateSecret string

@description('Host of the SharePoint.')
param sharepointHost string

@description('File of people and apps by role, in the package.')
param rolesFile string

@description('Which of the two apps this is.')
@allowed([
  'enforcer'
  'provisioner'
])
param role string

@description('Largest number of instances that scale out at once.')
param maximumInstances int

@description('Memory of one instance in MB.')
param instanceMemory int

@description('Settings that only this app has: name and value.')
param ownSettings array

var blobDataOwner = 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
var queueDataContributor = '974c5e8b-45b9-4653-ba55-5f855dd0fb88'
var tableDataContributor = '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'
var metricsPublisher = '3913510d-42f4-4e42-8a64-420c390055eb'
var vaultSecretsUser = '4633458b-17de-408a-b874-0445c86b69e6'

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: identityName
  location: location
  tags: tags
}

resource storage 'Microsoft.Storage/storageAccounts@2023-05-01' existing = {
  name: storageName
}

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' existing = {
  name: vaultName
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

resource mayPublishMetrics 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(insights.id, identity.id, metricsPublisher)
  scope: insights
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', metricsPublisher)
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

var commonSettings = [
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
    value: 'postgresql+psycopg://${identity.name}@${databaseHost}:5432/${databaseName}?sslmode=require'
  }
  {
    name: 'VERGER_ROLE'
    value: role
  }
  {
    name: 'VERGER_ROLES'
    value: '/home/site/wwwroot/${rolesFile}'
  }
]

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: planName
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
    'azd-service-name': service
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
      appSettings: concat(commonSettings, ownSettings)
    }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${storage.properties.primaryEndpoints.blob}${deploymentsName}'
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
output hostName string = app.properties.defaultHostName
output identityName string = identity.name
output principalId string = identity.properties.principalId
