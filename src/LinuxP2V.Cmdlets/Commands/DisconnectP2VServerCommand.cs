using System.Management.Automation;
using LinuxP2V.Cmdlets.Pipeline;
using LinuxP2V.Engine;

namespace LinuxP2V.Cmdlets.Commands;

[Cmdlet(VerbsCommunications.Disconnect, "P2VServer", SupportsShouldProcess = true)]
public sealed class DisconnectP2VServerCommand : P2VCmdlet
{
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [ServerTransformation]
    [ArgumentCompleter(typeof(ServerCompleter))]
    public P2VServer[]? Server { get; set; }

    protected override Task ProcessAsync(CancellationToken cancellationToken)
    {
        foreach (var given in Server ?? [null!])
        {
            try
            {
                foreach (var server in Find(given))
                {
                    if (ShouldProcess(server.Name, "Disconnect"))
                        Session.Servers.Remove(server);
                }
            }
            catch (P2VException e)
            {
                WriteFailure(e, given);
            }
        }

        return Task.CompletedTask;
    }

    /// <summary>A name with wildcards may mean several.</summary>
    private IReadOnlyList<P2VServer> Find(P2VServer? given) =>
        given is not null && WildcardPattern.ContainsWildcardCharacters(given.Name) && given.Destination is null
            ? Session.Servers.Find(given.Name)
            : [Session.Servers.Resolve(given)];
}
