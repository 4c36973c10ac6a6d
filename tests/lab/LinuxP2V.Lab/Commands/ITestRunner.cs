namespace LinuxP2V.Lab.Commands;

/// <summary>Runs the tests of one kind of suite.</summary>
internal interface ITestRunner
{
    /// <summary>Runs a suite, whose tests may fail, and leaves its results in the folder.</summary>
    Task RunAsync(string suite, TestSelection selection, string configuration, string folder, CancellationToken cancellationToken);

    /// <summary>Reads what the suite left in the folder; null where it left nothing, because it did not build or crashed.</summary>
    /// <exception cref="FormatException">The file is not whole.</exception>
    TestCounts? ReadCounts(string suite, string folder);
}
