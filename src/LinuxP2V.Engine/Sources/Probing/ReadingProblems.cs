using LinuxP2V.Engine.Sources.Model;

namespace LinuxP2V.Engine.Sources.Probing;

/// <summary>Keeps one odd thing of a source from taking all other facts with it: what cannot be understood is noted and left out.</summary>
internal sealed class ReadingProblems
{
    private readonly List<ReadingProblem> all = [];

    public IReadOnlyList<ReadingProblem> All => all;

    public void Add(string subject, string what) => all.Add(new ReadingProblem(subject, what));

    /// <param name="otherwise">What stands in its place when it cannot be read.</param>
    public T Read<T>(string subject, Func<T> read, T otherwise)
    {
        try
        {
            return read();
        }
        catch (Exception exception) when (IsOddInput(exception))
        {
            Add(subject, $"what the source tells of it cannot be understood ({exception.Message})");
            return otherwise;
        }
    }

    /// <summary>Reads one by one, without those that cannot be read.</summary>
    public IReadOnlyList<TResult> ReadEach<TItem, TResult>(
        IEnumerable<TItem> items,
        Func<TItem, string> subject,
        Func<TItem, TResult?> read
    )
        where TResult : class => [.. items.Select(item => Read(subject(item), () => read(item), null)).OfType<TResult>()];

    /// <summary>What text of any sort can bring about in a reader. A fault of another sort is a defect and must be seen.</summary>
    private static bool IsOddInput(Exception exception) =>
        exception
            is FormatException
                or ArgumentException
                or InvalidOperationException
                or OverflowException
                or IndexOutOfRangeException
                or KeyNotFoundException;
}
