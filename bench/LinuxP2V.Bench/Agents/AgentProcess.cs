using System.Diagnostics;
using System.Globalization;
using LinuxP2V.Bench.Machine;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Bench.Agents;

/// <summary>
/// The real binary as a daemon, as in the helper: /run is memory of its own; mounts and processes are in namespaces of
/// its own and end with it.
/// </summary>
internal sealed class AgentProcess : IAsyncDisposable
{
    private const string State = "/run/linuxp2v";
    private const string Socket = State + "/agent.sock";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>unshare, which kills the agent when it ends; and with the agent all that it started.</summary>
    private readonly Process process;
    private readonly Lifeline lifeline;
    private int agentId;
    private AgentClient? client;

    private AgentProcess(Process process) => (this.process, lifeline) = (process, new Lifeline(process));

    public AgentClient Client => client ?? throw new InvalidOperationException("The agent is not attached to.");

    /// <summary>A folder of the agent's, as it is seen from here.</summary>
    public string Seen(string folder) => string.Create(CultureInfo.InvariantCulture, $"/proc/{agentId}/root{State}/{folder}");

    public double CpuSeconds => Cpu.OfProcess(agentId);

    public static async Task<AgentProcess> StartAsync(string agent, string disk, CancellationToken cancellationToken)
    {
        const string Script = """
            mount -t tmpfs -o mode=755 tmpfs /run && mkdir -m 700 "$3" &&
              exec "$1" daemon --socket "$3/agent.sock" --state "$3" --disks "$2"
            """;
        var daemon = new AgentProcess(
            Process.Start(
                new ProcessStartInfo(
                    "unshare",
                    [
                        "--mount",
                        "--propagation",
                        "slave",
                        "--pid",
                        "--fork",
                        "--kill-child",
                        "--mount-proc",
                        "--",
                        "sh",
                        "-c",
                        Script,
                        "sh",
                        agent,
                        disk,
                        State,
                    ]
                )
                {
                    WorkingDirectory = "/",
                }
            )!
        );
        try
        {
            await daemon.UntilItListensAsync(cancellationToken);
            daemon.client = await AgentClient.AttachAsync(agent, daemon.agentId, Socket, cancellationToken);
            return daemon;
        }
        catch
        {
            await daemon.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (client is not null && !process.HasExited)
            {
                using var limit = new CancellationTokenSource(Patience);
                await client.RunAsync(new PowerOffRequest { RequestId = client.NextId() }, null, limit.Token);
                await process.WaitForExitAsync(limit.Token);
            }
        }
        catch (Exception exception) when (exception is BenchException or OperationCanceledException or IOException)
        {
            // Killed below: with the last process in it the namespace ends, and the mounts with that.
        }
        finally
        {
            lifeline.Dispose();
            client?.Dispose();
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);

            await process.WaitForExitAsync();
            process.Dispose();
        }
    }

    private async Task UntilItListensAsync(CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < Patience && !process.HasExited)
        {
            // unshare has one child: a shell that makes /run and becomes the agent.
            var child = (
                await File.ReadAllTextAsync(
                    string.Create(CultureInfo.InvariantCulture, $"/proc/{process.Id}/task/{process.Id}/children"),
                    cancellationToken
                )
            ).Trim();
            if (
                int.TryParse(child, CultureInfo.InvariantCulture, out agentId)
                && Name(agentId) is not ("unshare" or "sh")
                && File.Exists(Seen("agent.sock"))
            )
                return;

            await Task.Delay(50, cancellationToken);
        }

        throw new BenchException("The agent's daemon did not start.");
    }

    private static string Name(int id) => File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/comm")).Trim();
}
