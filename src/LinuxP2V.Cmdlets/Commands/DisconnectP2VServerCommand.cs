using System.Management.Automation;
using LinuxP2V.Cmdlets.Pipeline;
using LinuxP2V.Cmdlets.Session;
using LinuxP2V.Engine;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Cmdlets.Commands;

[Cmdlet(VerbsCommunications.Disconnect, "P2VServer", SupportsShouldProcess = true)]
public sealed class DisconnectP2VServerCommand : P2VCmdlet
{
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [ServerTransformation]
    [ArgumentCompleter(typeof(ServerCompleter))]
    [SupportsWildcards]
    public P2VServer[]? Server { get; set; }

    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        foreach (var given in Server ?? [null!])
        {
            try
            {
                foreach (var server in Find(given))
                {
                    if (ShouldProcess(server.Name, "Disconnect"))
                        await DisconnectAsync(server);
                }
            }
            catch (P2VException e)
            {
                WriteFailure(e, given);
            }
        }
    }

    private async Task DisconnectAsync(P2VServer server)
    {
        var users = ServerCloser.Users(Session, server);
        Session.Servers.Remove(server);
        var closing = ServerCloser.CloseAsync(Session, server);
        if (users.Count == 0)
            await closing;
        else if (server.Kind != P2VServer.LocalKind)
            WriteWarning($"The session at {server.Name} ends after the conversions that work through it: {string.Join(", ", users)}.");
    }

    /// <summary>
    /// Among the connected ones only: what PowerCLI has open is PowerCLI's. A name with wildcards may mean none or
    /// several.
    /// </summary>
    private IReadOnlyList<P2VServer> Find(P2VServer? given)
    {
        if (given is null)
            return Session.Servers.Default is { } last ? [last] : throw NotConnected("No server is connected.");
        if (given.Connection is not null)
            return Session.Servers.Has(given) ? [given] : throw NotConnected($"The server '{given.Name}' is not connected.");
        var found = Session.Servers.Find(given.Name);
        return WildcardPattern.ContainsWildcardCharacters(given.Name) || found.Count == 1
            ? found
            : throw NotConnected(
                found.Count == 0 ? $"The server '{given.Name}' is not connected." : $"'{given.Name}' means {found.Count} connected servers."
            );
    }

    private static P2VException NotConnected(string cause) =>
        new(ErrorIds.ServerNotConnected, cause, "Give the full name of a server that Connect-P2VServer connected in this session.");
}
