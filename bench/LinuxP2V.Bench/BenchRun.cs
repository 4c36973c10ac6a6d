using System.Globalization;
using LinuxP2V.Bench.Agents;
using LinuxP2V.Bench.Contenders;
using LinuxP2V.Bench.Data;
using LinuxP2V.Bench.Machine;
using LinuxP2V.Bench.Results;
using LinuxP2V.Bench.Shapes;

namespace LinuxP2V.Bench;

/// <summary>One run: chooses the shapes, makes their data, measures, prints, writes the page.</summary>
internal sealed class BenchRun(BenchOptions options, Action<string> say)
{
    /// <summary>Source, two copies (sync has two at a time) and what the file systems take for themselves.</summary>
    private const double RoomPerByte = 3.5;

    /// <summary>The data sets' own sizes are guesses; the raw file must not be the smaller one.</summary>
    private const double RawPerByte = 1.25;

    /// <returns>False when a copy was not as its source, or something failed. A goal that is missed is no failure.</returns>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        var shapes = Choose();
        await CheckMachineAsync(cancellationToken);
        await using var work = await WorkFolder.OpenAsync(BenchPaths.Work, cancellationToken);
        var largest = shapes.Max(shape => shape.Data.DataBytes);
        CheckRoom(work, (long)(largest * (RoomPerByte + RawPerByte)));
        var machine = await MachineFacts.ReadAsync(cancellationToken);
        say(
            $"{machine.Processor}, {machine.Cores} cores, Linux {machine.Kernel}; "
                + $"{options.Rounds} rounds{(options.IsQuick ? ", quick: not to be quoted" : "")}"
        );

        using var server = await SshServer.StartAsync(work, cancellationToken);
        await using var rawFile = await SourceVolume.CreateAsync(work, "raw", new RawFile((long)(largest * RawPerByte)), cancellationToken);
        var context = new ShapeContext(
            new AgentBench(options.Agent ?? BenchPaths.Agent, work, server, line => say($"    agent: {line}")),
            new Baselines(work, server, rawFile),
            new TreeJudge(work),
            options.Rounds,
            say
        );
        var results = await MeasureAsync(shapes, work, context, cancellationToken);
        await ReportAsync(machine, results, cancellationToken);
        return results.All(result => result.Wrong.Count == 0);
    }

    private async Task<List<ShapeResult>> MeasureAsync(
        IReadOnlyList<IShape> shapes,
        WorkFolder work,
        ShapeContext context,
        CancellationToken cancellationToken
    )
    {
        var results = new List<ShapeResult>();
        SourceVolume? source = null;
        try
        {
            foreach (var shape in shapes)
            {
                if (source?.Data != shape.Data)
                {
                    if (source is not null)
                        await source.DisposeAsync();

                    say($"making the data: {shape.Data.Description}");
                    source = await SourceVolume.CreateAsync(work, "source", shape.Data, cancellationToken);
                    context.Judge.Forget();
                }

                say($"{shape.Name}: {source.Entries} entries, {source.Bytes / 1e6:0} MB");
                results.Add(await shape.RunAsync(context, source, cancellationToken));
            }
        }
        finally
        {
            if (source is not null)
                await source.DisposeAsync();
        }

        return results;
    }

    /// <exception cref="BenchException">A name that no shape has.</exception>
    private IReadOnlyList<IShape> Choose()
    {
        var all = ShapeList.Create(options.IsQuick);
        var unknown = options.Shapes.Except(all.Select(shape => shape.Name)).FirstOrDefault();
        return unknown is not null
                ? throw new BenchException(
                    $"There is no shape '{unknown}'; there are {string.Join(", ", all.Select(shape => shape.Name))}."
                )
            : options.Shapes.Count == 0 ? all
            : [.. all.Where(shape => options.Shapes.Contains(shape.Name))];
    }

    private async Task CheckMachineAsync(CancellationToken cancellationToken)
    {
        if (!Environment.IsPrivilegedProcess)
            throw new BenchException("Loop devices and mounts want root.");

        if (!File.Exists(options.Agent ?? BenchPaths.Agent))
            throw new BenchException("There is no agent: ./build.sh bench publishes it.");

        var missing = await Shell.RunAsync(
            "for tool; do command -v \"$tool\" > /dev/null || echo \"$tool\"; done",
            [
                "sshd",
                "ssh",
                "tar",
                "rsync",
                "losetup",
                "partx",
                "sfdisk",
                "mke2fs",
                "blkid",
                "getfattr",
                "setfattr",
                "setfacl",
                "b2sum",
                "unshare",
                "nsenter",
            ],
            cancellationToken
        );
        if (missing.Length > 0)
            throw new BenchException(
                $"Missing here: {string.Join(", ", missing.Split('\n', StringSplitOptions.RemoveEmptyEntries))}. "
                    + "./build.sh bench installs them."
            );
    }

    private void CheckRoom(WorkFolder work, long needed)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{needed / 1e9:0.0} GB of room needed, {work.FreeBytes / 1e9:0.0} GB free");
        say(text);
        if (work.FreeBytes < needed)
            throw new BenchException($"{text}: set LINUXP2V_LAB to a folder on a larger disk, or run with -Quick.");
    }

    private async Task ReportAsync(MachineFacts machine, IReadOnlyList<ShapeResult> results, CancellationToken cancellationToken)
    {
        say("");
        foreach (var line in ResultTable.Format(results.SelectMany(ResultTable.Rows)))
            say(line);

        foreach (var (result, wrong) in results.SelectMany(result => result.Wrong.Select(wrong => (result, wrong))))
            say($"WRONG: {result.Name}: {wrong}");

        var path = options.IsToBeQuoted ? BenchPaths.Page : BenchPaths.OtherPage;
        var notes =
            options.IsToBeQuoted && File.Exists(BenchPaths.Notes) ? await File.ReadAllTextAsync(BenchPaths.Notes, cancellationToken) : "";
        string[] before = options.IsToBeQuoted && File.Exists(path) ? await File.ReadAllLinesAsync(path, cancellationToken) : [];
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllTextAsync(path, BenchmarkPage.Write(Merge(machine, results, before), options.IsQuick, notes), cancellationToken);
        say($"Written to {Path.GetRelativePath(BenchPaths.Repository, path)}.");
    }

    /// <summary>What was measured now, and of the other shapes what the page had.</summary>
    private List<PageShape> Merge(MachineFacts machine, IReadOnlyList<ShapeResult> results, string[] before) =>
        [
            .. ShapeList
                .Create(options.IsQuick)
                .Select(shape =>
                    results.FirstOrDefault(result => result.Name == shape.Name) is { } result
                        ? PageShape.From(result, machine, options.Rounds, DateTime.UtcNow)
                        : PageShape.Read(shape.Name, before)
                )
                .OfType<PageShape>(),
        ];
}
