namespace LinuxP2V.Engine.Helpers;
internal sealed class SshAgentConnector : IAgentConnector
{
    public Task<IAgentChannel> ConnectAsync(LinuxP2V.Engine.Destinations.HelperEndpoint helper, ConversionKey key, CancellationToken cancellationToken) => throw new NotImplementedException();
}
