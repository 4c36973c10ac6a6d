using System.Diagnostics;
using LinuxP2V.Engine.Destinations;

namespace LinuxP2V.Engine.Conversions;

/// <summary>
/// Lets so many through at a time, and gives each the place that it goes to. The limits belong to who asks, since each
/// Start-P2VConversion names its own. First come, first served; but who waits for a busy host or datastore holds up
/// nobody who could go elsewhere.
/// </summary>
internal sealed class ConversionThrottle(TimeSpan? freshness = null)
{
    /// <summary>Places that were found longer ago are looked for anew: hosts come and go while a conversion waits.</summary>
    private readonly TimeSpan freshness = freshness ?? TimeSpan.FromSeconds(30);
    private readonly object gate = new();
    private readonly LinkedList<Waiter> waiting = new();
    private readonly Dictionary<string, int> load = new(StringComparer.Ordinal);
    private int running;

    /// <summary>Waits for its turn. Disposing the result gives the place back.</summary>
    /// <param name="findPlaces">
    /// Where it could go, best first; asked when its turn may have come. None: it goes nowhere in particular, and its
    /// driver meets what is wrong.
    /// </param>
    public async Task<Pass> EnterAsync(
        ThrottleLimits limits,
        Func<CancellationToken, Task<IReadOnlyList<MachinePlace>>> findPlaces,
        CancellationToken cancellationToken
    )
    {
        var waiter = new Waiter(limits);
        using var registration = cancellationToken.Register(() => waiter.Cancel(cancellationToken));
        lock (gate)
        {
            waiting.AddLast(waiter);
            Admit();
        }

        try
        {
            while (true)
            {
                if (await waiter.Turn.ConfigureAwait(false) is { } pass)
                {
                    return pass;
                }

                var places = await findPlaces(cancellationToken).ConfigureAwait(false);
                lock (gate)
                {
                    EndLook(waiter);
                    waiter.Take(places, cancellationToken);
                    Admit();
                }
            }
        }
        catch
        {
            lock (gate)
            {
                waiting.Remove(waiter);
                EndLook(waiter);
                Admit();
            }

            throw;
        }
    }

    private void Admit()
    {
        var node = waiting.First;
        while (node is not null)
        {
            var (waiter, next) = (node.Value, node.Next);
            // The limit over all is the same for all: a conversion that waits for it is not overtaken.
            if (!waiter.IsLooking && running >= waiter.Limits.Total)
            {
                return;
            }

            if (!waiter.IsLooking && waiter.CanGo(IsFree))
            {
                Advance(node);
            }

            node = next;
        }
    }

    private void Advance(LinkedListNode<Waiter> node)
    {
        var waiter = node.Value;
        if (!waiter.AreFresh(freshness))
        {
            // Its place among those that run is kept for it meanwhile: no more look than could run.
            waiter.IsLooking = waiter.Answer(null);
            running += waiter.IsLooking ? 1 : 0;
            return;
        }

        var place = waiter
            .Places!.Where(candidate => IsFree(candidate, waiter.Limits))
            .OrderBy(candidate => LoadOf(candidate.Host))
            .FirstOrDefault();
        if (waiter.Answer(new Pass(this, place)))
        {
            waiting.Remove(node);
            running++;
            Load(place, 1);
        }
    }

    private bool IsFree(MachinePlace place, ThrottleLimits limits) =>
        LoadOf(place.Host) < limits.PerHost && place.Datastores.All(datastore => LoadOf(datastore) < limits.PerDatastore);

    private int LoadOf(string? key) => key is not null && load.TryGetValue(key, out var count) ? count : 0;

    private void Load(MachinePlace? place, int change)
    {
        foreach (var key in place is null ? [] : place.Datastores.Append(place.Host).OfType<string>())
        {
            var count = LoadOf(key) + change;
            if (count > 0)
            {
                load[key] = count;
            }
            else
            {
                load.Remove(key);
            }
        }
    }

    private void EndLook(Waiter waiter)
    {
        running -= waiter.IsLooking ? 1 : 0;
        waiter.IsLooking = false;
    }

    private void Leave(MachinePlace? place)
    {
        lock (gate)
        {
            running--;
            Load(place, -1);
            Admit();
        }
    }

    /// <summary>Everything but <see cref="Cancel"/> happens under the throttle's lock.</summary>
    private sealed class Waiter(ThrottleLimits limits)
    {
        private readonly Stopwatch sinceLook = new();
        private volatile TaskCompletionSource<Pass?> turn = New();

        public ThrottleLimits Limits { get; } =
            new(Math.Max(1, limits.Total), Math.Max(1, limits.PerHost), Math.Max(1, limits.PerDatastore));

        public IReadOnlyList<MachinePlace>? Places { get; private set; }

        /// <summary>It was told to find its places.</summary>
        public bool IsLooking { get; set; }

        /// <summary>Null: look for places, and wait again.</summary>
        public Task<Pass?> Turn => turn.Task;

        public bool AreFresh(TimeSpan freshness) => Places is not null && sinceLook.Elapsed < freshness;

        public bool CanGo(Func<MachinePlace, ThrottleLimits, bool> isFree) =>
            Places is null || Places.Count == 0 || Places.Any(place => isFree(place, Limits));

        public bool Answer(Pass? pass) => turn.TrySetResult(pass);

        public void Take(IReadOnlyList<MachinePlace> places, CancellationToken cancellationToken)
        {
            Places = places;
            sinceLook.Restart();
            turn = New();
            // A stop in between has found the old one.
            if (cancellationToken.IsCancellationRequested)
            {
                Cancel(cancellationToken);
            }
        }

        public void Cancel(CancellationToken cancellationToken) => turn.TrySetCanceled(cancellationToken);

        private static TaskCompletionSource<Pass?> New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>The right to run, at a place.</summary>
    public sealed class Pass(ConversionThrottle throttle, MachinePlace? place) : IDisposable
    {
        private ConversionThrottle? throttle = throttle;

        /// <summary>Null: any.</summary>
        public MachinePlace? Place { get; } = place;

        public void Dispose() => Interlocked.Exchange(ref throttle, null)?.Leave(Place);
    }
}
