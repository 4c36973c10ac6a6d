using System.Globalization;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Agent.Source;
using LinuxP2V.Agent.Streams;
using LinuxP2V.Protocol.Messages;
using LinuxP2V.Protocol.Shell;

namespace LinuxP2V.Agent.Views;

/// <summary>
/// A session on the source whose life is the snapshot's: it makes it, watches it, and takes it away when its standard
/// input ends or is silent for a minute: where this end loses its power, TCP alone would notice after two hours.
/// </summary>
internal sealed class SnapshotKeeper : IAsyncDisposable
{
    public const string ReadyWord = "linuxp2v-ready";

    /// <summary>Said with a reason behind it when the snapshot is no longer what it was.</summary>
    public const string BrokenWord = "linuxp2v-broken";

    private const string RemovedWord = "linuxp2v-removed";

    private static readonly TimeSpan RemovalTime = TimeSpan.FromMinutes(2);

    /// <summary>This end says so often that it is there.</summary>
    private static readonly TimeSpan SignInterval = TimeSpan.FromSeconds(10);

    private const int NapSeconds = 3;
    private const int SilentSeconds = 60;

    private readonly string name;
    private readonly ISourceLane lane;
    private readonly ISourceStream stream;
    private readonly LastLines lastLines;
    private readonly TaskCompletionSource release;
    private readonly TaskCompletionSource<long> ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<AgentException> broken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task reading;
    private volatile AgentException? loss;
    private volatile bool isReleased;
    private volatile bool isRemoved;

    private SnapshotKeeper(string name, ISourceLane lane, ISourceStream stream, LastLines lastLines, TaskCompletionSource release)
    {
        (this.name, this.lane, this.stream, this.lastLines, this.release) = (name, lane, stream, lastLines, release);
        reading = Task.Run(ReadAsync);
    }

    /// <summary>The source's clock before the snapshot was made, in seconds since 1970.</summary>
    public long Moment { get; private set; }

    /// <summary>Ends when the snapshot broke; never when it was released first.</summary>
    public Task<AgentException> Broken => broken.Task;

    /// <summary>
    /// A script around three others. It runs in a mount namespace of its own, by the tag its leftovers are found.
    /// </summary>
    /// <param name="tag">A word that stands for the conversion.</param>
    /// <param name="make">Makes and mounts the snapshot; exits with what is not 0 when it cannot.</param>
    /// <param name="watch">
    /// Prints <see cref="BrokenWord"/> and a reason and returns 1 when the snapshot is lost, or must be given up; run every
    /// few seconds.
    /// </param>
    /// <param name="judge">The same once more at the end, of whether it held.</param>
    /// <param name="drop">Takes the snapshot away; run until it succeeds, for a minute.</param>
    /// <param name="silentSeconds">When the other end counts as dead.</param>
    public static string Script(string tag, string make, string watch, string judge, string drop, int silentSeconds = SilentSeconds)
    {
        var naps = (silentSeconds + NapSeconds - 1) / NapSeconds;
        var inner = $$"""
            mount --make-rprivate / || exit 125
            exec 3<&0
            watcher= holder=
            drop() {
            {{drop}}
            }
            watch() {
            {{watch}}
            return 0
            }
            judge() {
            {{judge}}
            return 0
            }
            end() {
              trap '' HUP INT TERM PIPE
              kill $watcher $holder 2>/dev/null
              tries=0
              until drop >/dev/null 2>&1; do
                tries=$((tries + 1)); [ $tries -lt 60 ] || return
                sleep 1
              done
              echo {{RemovedWord}}
            }
            trap end EXIT
            trap 'exit 1' HUP INT TERM PIPE
            moment=$(date +%s)
            {{make}}
            echo {{ReadyWord}} "$moment"
            (
              # A sleep that ran on after it would hold the namespace, and with it every mount of the source. dash loses a TERM that
              # comes before the first line below: so each nap ends with a look whether the keeper is still there.
              trap 'kill $nap 2>/dev/null; exit' TERM
              trap - EXIT HUP INT PIPE
              trap 'silent=0' USR1
              silent=0
              while :; do
                sleep {{NapSeconds}} >/dev/null 2>&1 3<&- & nap=$!
                # A sign of life interrupts it.
                wait $nap
                kill $nap 2>/dev/null
                silent=$((silent + 1))
                kill -0 $$ 2>/dev/null && watch || exit
                [ $silent -le {{naps}} ] || { kill $$; exit; }
              done
            ) &
            watcher=$!
            while read -r sign; do kill -USR1 $watcher 2>/dev/null; done <&3 >/dev/null &
            holder=$!
            wait $holder
            judge
            """;
        return $"""
            {SnapshotLeftovers.EndKeepers(tag)}
            {PosixShell.Join("exec", "unshare", "-m", "sh", "-c", inner, tag)}
            """;
    }

    /// <summary>Starts the script and waits until the snapshot is there.</summary>
    /// <exception cref="AgentException">SnapshotFailed, SourceConnectionLost.</exception>
    public static async Task<SnapshotKeeper> StartAsync(ISource source, string name, string script, CancellationToken cancellationToken)
    {
        var lane = await OpenProvenAsync(source, cancellationToken);
        var lastLines = new LastLines();
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var stream = lane.Start(script, lastLines.Add, CommandInput.By((input, token) => SignAsync(input, release.Task, token)));
        var keeper = new SnapshotKeeper(name, lane, stream, lastLines, release);
        try
        {
            keeper.Moment = await keeper.ready.Task.WaitAsync(cancellationToken);
            return keeper;
        }
        catch
        {
            await keeper.DisposeAsync();
            throw;
        }
    }

    private static async Task SignAsync(Stream input, Task release, CancellationToken cancellationToken)
    {
        while (!release.IsCompleted)
        {
            await input.WriteAsync("\n"u8.ToArray(), cancellationToken);
            await input.FlushAsync(cancellationToken);
            await Task.WhenAny(release, Task.Delay(SignInterval, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>The script is started once: a connection kept from an earlier request may be dead and not know it yet.</summary>
    private static async Task<ISourceLane> OpenProvenAsync(ISource source, CancellationToken cancellationToken)
    {
        while (true)
        {
            var lane = await source.OpenLaneAsync(cancellationToken);
            try
            {
                await lane.AskAsync(":", cancellationToken);
                return lane;
            }
            catch (AgentException exception) when (OutageRetryPolicy.CanHeal(exception) && !lane.IsOpen)
            {
                // A login of its own fails by itself at last.
                await lane.DisposeAsync();
            }
            catch
            {
                await lane.DisposeAsync();
                throw;
            }
        }
    }

    /// <summary>Lets the script look at the snapshot a last time and take it away.</summary>
    public async Task<SnapshotEnd> EndAsync()
    {
        isReleased = true;
        release.TrySetResult();
        await Task.WhenAny(reading, Task.Delay(RemovalTime));
        // The next run finds what is left of it by its name.
        return reading.IsCompleted
            ? new SnapshotEnd(loss, isRemoved)
            : new SnapshotEnd(Failed($"The snapshot of {name} did not answer at its end.", lastLines.ToString()), false);
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        stream.Dispose();
        await lane.DisposeAsync();
    }

    private async Task ReadAsync()
    {
        try
        {
            var reader = new LineReader(stream.Output);
            while (await reader.ReadLineAsync() is { } line)
            {
                if (
                    line.StartsWith(ReadyWord, StringComparison.Ordinal)
                    && long.TryParse(line[ReadyWord.Length..], NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture, out var moment)
                )
                    ready.TrySetResult(moment);
                else if (line.StartsWith(BrokenWord, StringComparison.Ordinal))
                    Break(Overflow(line[BrokenWord.Length..].Trim()));
                else if (line == RemovedWord)
                    isRemoved = true;
            }

            var exitCode = await stream.WaitAsync(CancellationToken.None);
            ready.TrySetException(
                new AgentException(
                    ErrorIds.SnapshotFailed,
                    $"The snapshot of {name} could not be made (exit code {exitCode.ToString(CultureInfo.InvariantCulture)}).",
                    "Read the tool's output; or copy without a snapshot.",
                    lastLines.ToString()
                )
            );
            if (!isReleased || exitCode != 0)
                Break(Failed($"The snapshot of {name} ended before its time.", lastLines.ToString()));
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or AgentException)
        {
            var error = Failed(
                $"The snapshot of {name} ended with the connection to the source.",
                (exception as AgentException)?.Error.Detail ?? exception.Message
            );
            ready.TrySetException((exception as AgentException) ?? error);
            Break(error);
        }
    }

    /// <summary>The first reason counts: the others come of it.</summary>
    private void Break(AgentException reason)
    {
        loss ??= reason;
        broken.TrySetResult(loss);
    }

    private static AgentException Failed(string cause, string? detail) =>
        new(ErrorIds.SnapshotFailed, cause, "Resume the conversion: it makes a new one.", detail);

    private AgentException Overflow(string reason) =>
        new(
            ErrorIds.SnapshotOverflow,
            $"The snapshot of {name} is full: {reason}.",
            "Give the volume group more free space, copy while less is written, or copy without a snapshot."
        );
}
