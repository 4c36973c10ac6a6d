namespace LinuxP2V.Lab;

/// <summary>The lab could not do its part; the message is for whoever runs it.</summary>
public sealed class LabException(string message) : Exception(message);
