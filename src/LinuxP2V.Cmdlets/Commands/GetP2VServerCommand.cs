using System.Management.Automation;
using LinuxP2V.Cmdlets.Pipeline;
using LinuxP2V.Engine;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Cmdlets.Commands;

[Cmdlet(VerbsCommon.Get, "P2VServer")]
[OutputType(typeof(P2VServer))]
public sealed class GetP2VServerCommand : P2VCmdlet
{
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [TextTransformation]
    [ArgumentCompleter(typeof(ServerCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = ["*"];

    protected override Task ProcessAsync(CancellationToken cancellationToken)
    {
        foreach (var name in Name)
        {
            var found = Session.Servers.Find(name);
            foreach (var server in found)
                WriteObject(server);

            if (found.Count == 0 && !WildcardPattern.ContainsWildcardCharacters(name))
            {
                WriteFailure(
                    new P2VException(
                        ErrorIds.ServerNotConnected,
                        $"The server '{name}' is not connected in this session.",
                        "Connect it with Connect-P2VServer. Get-P2VServer lists those that are connected."
                    ),
                    name
                );
            }
        }

        return Task.CompletedTask;
    }
}
