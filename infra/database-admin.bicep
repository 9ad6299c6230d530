// The app's identity as the database's Entra administrator. A module of its own, because a
// resource's name must be known before the deployment starts and the principal id is not.

@description('Name of the PostgreSQL flexible server.')
param serverName string

@description('Object id of the identity.')
param principalId string

@description('Name of the identity: the role it signs in as.')
param principalName string

resource server 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' existing = {
  name: serverName
}

resource administrator 'Microsoft.DBforPostgreSQL/flexibleServers/administrators@2024-08-01' = {
  parent: server
  name: principalId
  properties: {
    principalName: principalName
    principalType: 'ServicePrincipal'
    tenantId: subscription().tenantId
  }
}
